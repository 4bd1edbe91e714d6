// Texts that may be secrets of tokens, as places in a block: by their headers and their look, marks of names
// before them, and fillers of HMAC's pads. src/search/secrets/hmac/text-kernel.ts reads the records.

const LEAST: i32 = 16;
const MOST: i32 = 256;
/** Printable bytes of other data that may lie between a header and its text, or directly after the text. */
const EXTRA: i32 = 8;
/** Least distinct bytes of a secret: text with fewer is a ruler, a pattern or filler. */
const DISTINCT: i32 = 8;
const LONGEST_NAME: i32 = 64;

/** What a pass returns when it is done; otherwise the index to go on from: there was no room for records. */
const DONE: i32 = -1;

/** Kinds of records. */
const RANDOM: u32 = 0;
const WORDS: u32 = 1;
const ASSIGNED: u32 = 2;
/** Bytes of a record: place, length, kind. */
const RECORD: usize = 12;
/** Records that one run of printable bytes or one place may give. */
const RESERVE: i32 = 24;

/** Kind of each printable character; 0 for others. */
const UPPER: u8 = 1;
const LOWER: u8 = 2;
const DIGIT: u8 = 3;
const OTHER: u8 = 4;
const kinds: usize = memory.data(256);
const seen: usize = memory.data(1024, 16);

let bytes: usize = 0;
let length: i32 = 0;
/** File offset of the first byte, modulo 8. */
let base: i32 = 0;
let out: usize = 0;
let records: i32 = 0;
let most: i32 = 0;
let generation: u32 = 0;

export function prepare(): void {
  for (let byte = 0x21; byte < 0x7f; byte++) {
    const letter = byte & 0xdf;
    let kind = OTHER;
    if (byte >= 0x30 && byte <= 0x39) kind = DIGIT;
    else if (letter >= 0x41 && letter <= 0x5a) kind = byte == letter ? UPPER : LOWER;
    store<u8>(kinds + byte, kind);
  }
}

/**
 * True if some byte is not zero. `room`: for records, more than {@link RESERVE}. Up to 64 bytes behind the
 * last one are read, too, as by the passes.
 */
export function begin(at: usize, bytesLength: i32, offset: i32, records: usize, room: i32): bool {
  bytes = at;
  length = bytesLength;
  base = offset & 7;
  out = records;
  most = room;
  let p = at;
  const end = at + <usize>bytesLength;
  while (p < end) {
    const low = v128.or(v128.load(p), v128.load(p, 16));
    const high = v128.or(v128.load(p, 32), v128.load(p, 48));
    if (v128.any_true(v128.or(low, high))) return true;
    p += 64;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function byteAt(at: i32): u32 {
  return load<u8>(bytes + at);
}

// @ts-ignore: decorator
@inline
function kindAt(at: i32): u8 {
  return load<u8>(kinds + byteAt(at));
}

// @ts-ignore: decorator
@inline
function wordAt(at: i32): u32 {
  return load<u32>(bytes + at);
}

function record(at: i32, size: i32, kind: u32): void {
  const to = out + <usize>records * RECORD;
  store<u32>(to, at);
  store<u32>(to, size, 4);
  store<u32>(to, kind, 8);
  records++;
}

// @ts-ignore: decorator
@inline
function isFull(): bool {
  return records + RESERVE > most;
}

/** One bit for each printable byte of the next 16. */
// @ts-ignore: decorator
@inline
function printable(at: i32): i32 {
  const v = v128.load(bytes + at);
  const above = i8x16.gt_s(v, i8x16.splat(0x20));
  return i8x16.bitmask(v128.andnot(above, i8x16.eq(v, i8x16.splat(0x7f))));
}

/** Index of the next byte that is not printable. Memory behind the bytes may be read. */
function endOf(at: i32): i32 {
  while (at < length) {
    const others = ~printable(at) & 0xffff;
    if (others != 0) return min(length, at + ctz(others));
    at += 16;
  }
  return length;
}

/** The next index, by steps of 16, whose byte is printable; the end if there is none. */
function nextPrintable(at: i32, to: i32): i32 {
  while (at < to && kindAt(at) == 0) at += 16;
  return at;
}

/**
 * True if the word before `at` is mostly zeros or all ones: a chunk size, reference count, length, or a hash
 * not computed yet.
 */
function followsQuietWord(at: i32): bool {
  let zeros = 0;
  let ones = 0;
  for (let i = at - 8; i < at; i++) {
    const byte = i < 0 ? 0 : byteAt(i);
    if (byte == 0) zeros++;
    else if (byte == 0xff) ones++;
  }
  return zeros >= 5 || ones == 8;
}

// @ts-ignore: decorator
@inline
function isRight(size: u32, run: i32): bool {
  return size >= <u32>LEAST && size <= <u32>run && run - <i32>size < EXTRA;
}

/**
 * Length of the text that begins at `at`, by a length stored before it; 0 if there is none. The `run` of
 * printable bytes may start within the header, if that happens to be printable, and may include data after a
 * text without a terminator. 8 to 32 bytes lie between a 64-bit length and its text: PHP, Ruby and Erlang;
 * CPython's bytes, with its hash in between; CPython's str (3.12, earlier).
 */
function lengthBefore(at: i32, run: i32): i32 {
  for (let ahead = 8; ahead <= 32 && ahead <= at; ahead += 8) {
    const size = wordAt(at - ahead);
    if (isRight(size, run) && wordAt(at - ahead + 4) == 0) return size;
  }
  if (at < 4) return 0;
  // A V8 string or JVM array; then a byte array in a heap dump (element type 8).
  const near = wordAt(at - 4);
  if (isRight(near, run)) return near;
  if (at < 5 || byteAt(at - 1) != 8) return 0;
  const dumped = bswap<u32>(wordAt(at - 5));
  return isRight(dumped, run) ? dumped : 0;
}

/**
 * Takes a text at the start of a glibc chunk (malloc.c, malloc_chunk) that is shorter than its run: the chunk
 * is the smallest that holds it. Rust's strings have no terminator, so printable bytes may follow: earlier
 * content, or the size of the next chunk. Chunk sizes are multiples of 16, three bits of the size word are
 * flags, and a chunk has 8 bytes of overhead.
 */
function takeInChunk(at: i32, run: i32): void {
  if (at < 8 || wordAt(at - 4) != 0) return;
  const size = wordAt(at - 8);
  const chunk = size & ~7;
  if (size < 32 || size > 1024 || chunk % 16 != 0) return;
  const room = <i32>chunk - 8;
  // A terminator within the chunk ends the text.
  if (run <= room && at + run < length && byteAt(at + run) == 0) return;
  const least = max(LEAST, room - 15);
  for (let size = min(min(room, run - 1), MOST); size >= least; size--) take(at, size, false);
}

/** Length of a variable's name with its equals sign, as in an environment, or 0. */
function nameBefore(at: i32, run: i32): i32 {
  const end = min(run, LONGEST_NAME);
  for (let i = 0; i < end; i++) {
    const byte = byteAt(at + i);
    if (byte == 0x3d) return i == 0 ? 0 : i + 1;
    if (load<u8>(kinds + byte) == OTHER && byte != 0x5f) return 0;
  }
  return 0;
}

/** Takes a text unless it is too uniform for a secret, as names and sentences are. */
function take(at: i32, size: i32, begins: bool): void {
  if (!begins && ((base + at) & 7) != 0) return;
  if (++generation == 0) {
    memory.fill(seen, 0, 1024);
    generation = 1;
  }
  let distinct = 0;
  let digits = 0;
  let letters = 0;
  let turns = 0;
  let last = kindAt(at);
  for (let i = at; i < at + size; i++) {
    const byte = byteAt(i);
    const kind = load<u8>(kinds + byte);
    const mark = seen + (<usize>byte << 2);
    if (load<u32>(mark) != generation) distinct++;
    store<u32>(mark, generation);
    if (kind == DIGIT) digits++;
    else if (kind != OTHER) letters++;
    if (kind != last) turns++;
    last = kind;
  }
  if (distinct < DISTINCT) return;
  // Of 43 random characters of base64url 27 follow one of another kind, of 64 hexadecimal digits 30. Mangled
  // names of C++, which begin with _Z, look random.
  const isRandom =
    digits >= 2 && letters >= 2 && 4 * turns >= size && (byteAt(at) != 0x5f || byteAt(at + 1) != 0x5a);
  if (isRandom) record(at, size, RANDOM);
  else if (begins) record(at, size, WORDS);
}

function takeRun(start: i32, run: i32): void {
  for (let skip = 0; skip <= EXTRA && run - skip >= LEAST; skip++) {
    const size = lengthBefore(start + skip, run - skip);
    if (size > 0 && size <= MOST) {
      take(start + skip, size, true);
      if (skip == 0) return;
      // A character after zeros, before the text, may pass for such a length.
      break;
    }
  }
  if (run <= MOST) take(start, run, followsQuietWord(start));
  takeInChunk(start, run);
  const name = nameBefore(start, run);
  if (name > 0 && run - name >= LEAST && run - name <= MOST) record(start + name, run - name, ASSIGNED);
}

/**
 * Records of texts that begin in bytes[from, to). `isCut`: there are bytes before the first one. `isEnd`: the
 * bytes end with the file, which ends a text too.
 */
export function textsIn(from: i32, to: i32, isCut: bool, isEnd: bool): i32 {
  records = 0;
  let at = from;
  // A text that began earlier has been handled with its block, or has lost its beginning.
  if (isCut && (from == 0 || kindAt(from - 1) != 0)) at = endOf(from);
  while (at < to) {
    if (isFull()) return at;
    // No text of the least length begins before the byte that ends this one.
    const probe = nextPrintable(at + LEAST - 1, length);
    if (probe >= length) break;
    // The byte before the step to `probe` was not printable, or a text has ended there.
    at = max(at, probe - LEAST + 1);
    let start = probe;
    while (start > at && kindAt(start - 1) != 0) start--;
    if (start >= to) break;
    const stop = endOf(probe);
    at = stop + 1;
    const run = stop - start;
    if (run < LEAST || run > MOST + 2 * EXTRA || (stop == length && !isEnd)) continue;
    takeRun(start, run);
  }
  return DONE;
}

export function count(): i32 {
  return records;
}

/** `fold`: 0x20 for lower case, else 0. */
function isMark(at: i32, unit: i32, fold: u32): bool {
  if (
    byteAt(at) != (0x45 | fold) ||
    byteAt(at + unit) != (0x43 | fold) ||
    byteAt(at + 2 * unit) != (0x52 | fold) ||
    byteAt(at + 3 * unit) != (0x45 | fold) ||
    byteAt(at + 4 * unit) != (0x54 | fold)
  )
    return false;
  if (unit == 1) return true;
  return (byteAt(at + 1) | byteAt(at + 3) | byteAt(at + 5) | byteAt(at + 7) | byteAt(at + 9)) == 0;
}

/**
 * Records of `ecret` and `ECRET` that begin in bytes[from, to), also in UTF-16, little-endian: the index
 * behind the mark, and the bytes of a character.
 */
export function marksIn(from: i32, to: i32): i32 {
  records = 0;
  const fold = i8x16.splat(0x20);
  const e = i8x16.splat(0x65);
  const c = i8x16.splat(0x63);
  for (let at = from; at < to; at += 16) {
    if (isFull()) return at;
    const first = i8x16.eq(v128.or(v128.load(bytes + at), fold), e);
    if (!v128.any_true(first)) continue;
    const second = v128.load(bytes + at + 1);
    const third = v128.load(bytes + at + 2);
    const narrow = i8x16.eq(v128.or(second, fold), c);
    const wide = v128.and(i8x16.eq(second, i8x16.splat(0)), i8x16.eq(v128.or(third, fold), c));
    for (let bits = i8x16.bitmask(v128.and(first, v128.or(narrow, wide))); bits != 0; bits &= bits - 1) {
      const start = at + ctz(bits);
      if (start >= to) break;
      for (let unit = 1; unit <= 2; unit++) {
        const end = start + 5 * unit;
        if (end <= length && (isMark(start, unit, 0) || isMark(start, unit, 0x20))) record(end, unit, 0);
      }
    }
  }
  return DONE;
}

/** Records of runs of at least 16 bytes of a pad that begin in bytes[from, to): index, length, byte. */
export function fillersIn(from: i32, to: i32, inner: u32, outer: u32): i32 {
  records = 0;
  let done = from;
  // A run of 16 bytes that begins at or after `done` has the byte 15 behind it.
  for (let at = from + 15; at < to + 15 && at < length; ) {
    if (isFull()) return done;
    const byte = byteAt(at);
    if (byte != inner && byte != outer) {
      at += 16;
      continue;
    }
    let start = at;
    while (start > done && byteAt(start - 1) == byte) start--;
    let end = at + 1;
    while (end < length && byteAt(end) == byte) end++;
    // One that began before `from` has been handled with its block.
    const isCut = start == from && from > 0 && byteAt(from - 1) == byte;
    if (start < to && end - start >= 16 && !isCut) record(start, end - start, byte);
    done = end;
    at = end + 15;
  }
  return DONE;
}

/**
 * Records of words, each `size` bytes after the last, that differ from the word `size` bytes behind them by
 * `difference`: one is in any pair of blocks of `size` that begins in bytes[from, to).
 */
export function pairsIn(from: i32, to: i32, size: i32, difference: u32): i32 {
  records = 0;
  const last = min(to + size, (length & ~3) - size);
  for (let at = from; at < last; at += size) {
    if (isFull()) return at;
    if ((wordAt(at) ^ wordAt(at + size)) == difference) record(at, size, 0);
  }
  return DONE;
}
