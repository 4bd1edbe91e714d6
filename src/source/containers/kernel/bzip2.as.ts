// bzip2 block decoder. The format has no specification but the source of bzip2 1.0.8; names are from there.
// The host is src/source/containers/bzip2/bzip2-kernel.ts, which writes input into memory and reads the output.

/** Memory layout. */
const SYMBOLS: usize = 1024;
const MTF: usize = 1280;
const COUNTS: usize = 2048;
const SELECTORS: usize = 0x1000;
const GROUPS: usize = 0xa000;
const CRC_TABLE: usize = 0x10000;
const TT: usize = 0x20000;
const OUT: usize = 0x800000;
/** Most bytes of output of one call. */
const OUT_SIZE: usize = 0x100000;

/** Of a group: its fast table by the next ten bits, symbols by code, tables by code length, lengths. */
const GROUP: usize = 0x1000;
const PERM: usize = 0x800;
const LIMIT: usize = 0xc00;
const BASE: usize = 0xc80;
const LENGTHS: usize = 0xd00;
const FAST_BITS: u32 = 10;
const LONGEST: u32 = 20;
const GROUP_SIZE: i32 = 50;

/** Results of `readBlock`. */
const DONE: u32 = 0;
const CORRUPT: u32 = 1;
const CUT: u32 = 2;

/** The next bits, highest first, and how many of them are valid. */
let hold: u64 = 0;
let held: u32 = 0;
let pos: usize = 0;
let end: usize = 0;

/** Of the block: bytes, those left, the place of the next, and state of the run-length decoding. */
let left: u32 = 0;
let next: u32 = 0;
let same: u32 = 0;
let previous: u32 = 0;
let repeats: u32 = 0;
let crc: u32 = 0;

/** Eight tables of 256 words, for eight bytes at a time. */
export function setTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let word = i << 24;
    for (let bit = 0; bit < 8; bit++) word = (word << 1) ^ (0x04c11db7 & (0 - (word >>> 31)));
    store<u32>(CRC_TABLE + (i << 2), word);
  }
  for (let i: u32 = 256; i < 2048; i++) {
    const word = load<u32>(CRC_TABLE + ((i - 256) << 2));
    store<u32>(CRC_TABLE + (i << 2), (word << 8) ^ load<u32>(CRC_TABLE + ((word >>> 24) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function entry(word: u32, shift: u32, table: u32): u32 {
  return load<u32>(CRC_TABLE + (table << 10) + (((word >>> shift) & 255) << 2));
}

function update(sum: u32, at: usize, end: usize): u32 {
  for (; at + 8 <= end; at += 8) {
    const a = sum ^ bswap<u32>(load<u32>(at));
    const b = bswap<u32>(load<u32>(at, 4));
    sum = entry(a, 24, 7) ^ entry(a, 16, 6) ^ entry(a, 8, 5) ^ entry(a, 0, 4)
      ^ entry(b, 24, 3) ^ entry(b, 16, 2) ^ entry(b, 8, 1) ^ entry(b, 0, 0);
  }
  for (; at < end; at++) sum = (sum << 8) ^ entry(sum ^ (<u32>load<u8>(at) << 24), 24, 0);
  return sum;
}

/** The next bit to read is bit 7 - `bit` of the byte at an address; the input ends at `to`. */
export function seek(at: usize, bit: u32, to: usize): void {
  pos = at;
  end = to;
  hold = 0;
  held = 0;
  if (bit > 0) bits(bit);
}

/** Position in bits, from address 0. */
export function position(): f64 {
  return <f64>pos * 8 - <f64>held;
}

// @ts-ignore: decorator
@inline
function refill(): void {
  hold |= bswap<u64>(load<u64>(pos)) >>> held;
  pos += (63 - held) >>> 3;
  held |= 56;
}

/** The next bits, at most 32. */
export function bits(count: u32): u32 {
  // Bytes after the end count as zeros or anything else: the caller looks at the position.
  if (held < count) {
    if (pos > end + 64) return 0;
    refill();
  }
  const value = <u32>(hold >>> (64 - count));
  hold <<= count;
  held -= count;
  return value;
}

function isCut(): bool {
  return pos - (held >>> 3) > end;
}

/** Symbols in use; 0 if there is none. */
function readSymbols(): u32 {
  let total: u32 = 0;
  const ranges = bits(16);
  for (let i: u32 = 0; i < 16; i++) {
    if ((ranges & (0x8000 >>> i)) == 0) continue;
    const used = bits(16);
    for (let j: u32 = 0; j < 16; j++) {
      if ((used & (0x8000 >>> j)) != 0) store<u8>(SYMBOLS + total++, 16 * i + j);
    }
  }
  return total;
}

function readSelectors(groups: u32, count: u32): bool {
  for (let i: u32 = 0; i < groups; i++) store<u8>(MTF + i, i);
  for (let i: u32 = 0; i < count; i++) {
    let place: u32 = 0;
    while (bits(1) == 1) {
      if (++place >= groups) return false;
    }
    const group = load<u8>(MTF + place);
    for (; place > 0; place--) store<u8>(MTF + place, load<u8>(MTF + place - 1));
    store<u8>(MTF, group);
    store<u8>(SELECTORS + i, group);
  }
  return true;
}

/** Reads a group's code lengths and makes its tables. */
function readGroup(group: usize, symbols: u32): bool {
  let length = bits(5);
  for (let i: u32 = 0; i < symbols; i++) {
    for (;;) {
      if (length < 1 || length > LONGEST) return false;
      if (bits(1) == 0) break;
      length += bits(1) == 0 ? 1 : -1;
      if (isCut()) return false;
    }
    store<u8>(group + LENGTHS + i, length);
  }
  memory.fill(group, 0, 2 << FAST_BITS);
  let code: u32 = 0;
  let index: u32 = 0;
  for (let bit: u32 = 1; bit <= LONGEST; bit++) {
    store<i32>(group + BASE + (bit << 2), code - index);
    for (let i: u32 = 0; i < symbols; i++) {
      if (load<u8>(group + LENGTHS + i) != bit) continue;
      if (code >= 1 << bit) return false;
      store<u16>(group + PERM + (index++ << 1), i);
      if (bit <= FAST_BITS) {
        const first = code << (FAST_BITS - bit);
        for (let j: u32 = 0; j < 1 << (FAST_BITS - bit); j++) {
          store<u16>(group + ((first + j) << 1), (i << 4) | bit);
        }
      }
      code++;
    }
    store<i32>(group + LIMIT + (bit << 2), <i32>code - 1);
    code <<= 1;
  }
  return true;
}

/** Reads a block after its magic and checksum. It has at most `most` bytes. */
export function readBlock(most: u32): u32 {
  // Randomised blocks are of bzip2 0.9.0 and older.
  if (bits(1) != 0) return isCut() ? CUT : CORRUPT;
  const origin = bits(24);
  const total = readSymbols();
  const groups = bits(3);
  const selectors = bits(15);
  if (isCut()) return CUT;
  if (total == 0 || groups < 2 || groups > 6 || selectors == 0) return CORRUPT;
  if (!readSelectors(groups, selectors)) return isCut() ? CUT : CORRUPT;
  for (let i: u32 = 0; i < groups; i++) {
    if (!readGroup(GROUPS + <usize>i * GROUP, total + 2)) return isCut() ? CUT : CORRUPT;
  }
  const status = readData(most, total, selectors);
  if (isCut()) return CUT;
  if (status != DONE) return status;
  if (origin >= left) return CORRUPT;
  sort();
  next = load<u32>(TT + (origin << 2)) >>> 8;
  same = previous = repeats = 0;
  crc = 0xffffffff;
  return DONE;
}

/** Huffman codes, zero runs and move-to-front: the block's bytes into TT, their number into `left`. */
function readData(most: u32, total: u32, selectors: u32): u32 {
  memory.fill(COUNTS, 0, 1024);
  for (let i: u32 = 0; i < total; i++) store<u8>(MTF + i, load<u8>(SYMBOLS + i));
  const last = total + 1;
  let count: u32 = 0;
  let run: u32 = 0;
  let weight: u32 = 1;
  let selector: u32 = 0;
  let more: i32 = 0;
  let group: usize = 0;
  for (;;) {
    if (more-- == 0) {
      if (selector == selectors || pos > end + 16) return CORRUPT;
      group = GROUPS + <usize>load<u8>(SELECTORS + selector++) * GROUP;
      more = GROUP_SIZE - 1;
    }
    if (held < LONGEST) refill();
    let symbol: u32 = load<u16>(group + (<usize>(hold >>> (64 - FAST_BITS)) << 1));
    let length = symbol & 15;
    symbol >>>= 4;
    if (length == 0) {
      length = FAST_BITS + 1;
      for (; length <= LONGEST; length++) {
        if (<i32>(hold >>> (64 - length)) <= load<i32>(group + LIMIT + (length << 2))) break;
      }
      if (length > LONGEST) return CORRUPT;
      const index = <i32>(hold >>> (64 - length)) - load<i32>(group + BASE + (length << 2));
      symbol = load<u16>(group + PERM + (index << 1));
    }
    hold <<= length;
    held -= length;
    if (symbol <= 1) {
      if (weight > 1 << 21) return CORRUPT;
      run += weight << symbol;
      weight <<= 1;
      continue;
    }
    if (run > 0) {
      if (run > most - count) return CORRUPT;
      const byte = <u32>load<u8>(MTF);
      store<u32>(COUNTS + (byte << 2), load<u32>(COUNTS + (byte << 2)) + run);
      for (const to = count + run; count < to; count++) store<u32>(TT + (count << 2), byte);
      run = 0;
      weight = 1;
    }
    if (symbol == last) break;
    if (count == most) return CORRUPT;
    let place: usize = MTF + symbol - 1;
    const byte = <u32>load<u8>(place);
    for (; place > MTF; place--) store<u8>(place, load<u8>(place - 1));
    store<u8>(MTF, byte);
    store<u32>(COUNTS + (byte << 2), load<u32>(COUNTS + (byte << 2)) + 1);
    store<u32>(TT + (count++ << 2), byte);
  }
  left = count;
  return DONE;
}

/** Inverse of the Burrows-Wheeler transform: each word gets the place of the byte after it. */
function sort(): void {
  let sum: u32 = 0;
  for (let i: usize = COUNTS; i < COUNTS + 1024; i += 4) {
    const count = load<u32>(i);
    store<u32>(i, sum);
    sum += count;
  }
  for (let i: u32 = 0; i < left; i++) {
    const at = COUNTS + (<usize>load<u8>(TT + (i << 2)) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    const word = TT + (place << 2);
    store<u32>(word, load<u32>(word) | (i << 8));
  }
}

/** Writes the next part of the block's content; returns its bytes, fewer than OUT_SIZE at the end. */
export function drain(): u32 {
  const limit = OUT + OUT_SIZE;
  let to = OUT;
  let place = next;
  let count = left;
  let byte = previous;
  let row = same;
  let rest = repeats;
  for (;;) {
    if (rest > 0) {
      const filled = min<u32>(rest, <u32>(limit - to));
      memory.fill(to, <u8>byte, filled);
      to += filled;
      rest -= filled;
    }
    if (to == limit || count == 0) break;
    const word = load<u32>(TT + (place << 2));
    place = word >>> 8;
    count--;
    const read = word & 255;
    if (row == 4) {
      rest = read;
      row = 0;
      continue;
    }
    row = read == byte ? row + 1 : 1;
    byte = read;
    store<u8>(to++, byte);
  }
  crc = update(crc, OUT, to);
  next = place;
  left = count;
  previous = byte;
  same = row;
  repeats = rest;
  return <u32>(to - OUT);
}

export function checksum(): u32 {
  return ~crc;
}
