// LZ4 block decoder (lz4_Block_format.md) and XXH32 (xxhash_spec.md). The host is
// src/source/containers/lz4/lz4-kernel.ts, which writes input into memory and reads the output from there.

/** Where output begins, after the history. */
const OUT: usize = 0x20000;

/** Results of `decode`. */
const DONE: u32 = 0;
const CORRUPT: u32 = 1;
/** The input ends within a sequence. */
const CUT: u32 = 2;

let out: usize = OUT;

export function output(): usize {
  return out;
}

/** Copies; up to 15 bytes after the end are overwritten. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, length: usize): void {
  const end = to + length;
  do {
    store<u64>(to, load<u64>(from));
    store<u64>(to, load<u64>(from, 8), 8);
    to += 16;
    from += 16;
  } while (to < end);
}

/** Copies a match whose distance is below 16: first up to a multiple of it that is at least 16. */
function repeat(to: usize, distance: usize, length: usize): void {
  if (distance == 1) return memory.fill(to, load<u8>(to - 1), length);
  const end = to + length;
  let far = distance;
  while (far < 16) far += distance;
  for (const near = min<usize>(end, to + far - distance); to < near; to++) store<u8>(to, load<u8>(to - distance));
  if (to < end) copy(to, to - far, end - to);
}

/** Decodes a block into the output, whose history begins at `low`, up to `limit`. */
export function decode(from: usize, end: usize, low: usize, limit: usize): u32 {
  let to = OUT;
  let status = CUT;
  while (from < end) {
    const token = <usize>load<u8>(from++);
    let length = token >>> 4;
    if (length == 15) {
      let more: usize = 255;
      while (more == 255 && from < end) {
        more = load<u8>(from++);
        length += more;
      }
      if (more == 255) break;
    }
    if (length > limit - to) { status = CORRUPT; break; }
    if (length > 0) {
      const there = min<usize>(length, end - from);
      if (there > 0) copy(to, from, there);
      to += there;
      from += there;
      if (there < length) break;
    }
    if (from == end) { status = DONE; break; }
    if (end - from < 2) break;
    const distance = <usize>load<u16>(from);
    from += 2;
    length = (token & 15) + 4;
    if (length == 19) {
      let more: usize = 255;
      while (more == 255 && from < end) {
        more = load<u8>(from++);
        length += more;
      }
      if (more == 255) break;
    }
    if (distance == 0 || distance > to - low || length > limit - to) { status = CORRUPT; break; }
    if (distance >= 16) copy(to, to - distance, length);
    else repeat(to, distance, length);
    to += length;
  }
  out = to;
  return status;
}

/** Adds stored bytes to the output. */
export function stored(from: usize, length: usize): void {
  memory.copy(OUT, from, length);
  out = OUT + length;
}

/** Keeps the last bytes of history and output as the next history; returns where it begins. */
export function keep(low: usize): usize {
  const count = min<usize>(out - low, 0x10000);
  memory.copy(OUT - count, out - count, count);
  return OUT - count;
}

const P1: u32 = 0x9e3779b1;
const P2: u32 = 0x85ebca77;
const P3: u32 = 0xc2b2ae3d;
const P4: u32 = 0x27d4eb2f;
const P5: u32 = 0x165667b1;

/** Of a hash's state: four lanes, the length, and the bytes of an unfinished stripe. */
const LENGTH: usize = 16;
const TAIL: usize = 20;

export function begin(hash: usize): void {
  store<u32>(hash, P1 + P2);
  store<u32>(hash, P2, 4);
  store<u32>(hash, 0, 8);
  store<u32>(hash, 0 - P1, 12);
  store<u32>(hash, 0, LENGTH);
}

// @ts-ignore: decorator
@inline
function round(lane: u32, word: u32): u32 {
  return rotl<u32>(lane + word * P2, 13) * P1;
}

function stripes(hash: usize, at: usize, end: usize): void {
  let a = load<u32>(hash);
  let b = load<u32>(hash, 4);
  let c = load<u32>(hash, 8);
  let d = load<u32>(hash, 12);
  for (; at < end; at += 16) {
    a = round(a, load<u32>(at));
    b = round(b, load<u32>(at, 4));
    c = round(c, load<u32>(at, 8));
    d = round(d, load<u32>(at, 12));
  }
  store<u32>(hash, a);
  store<u32>(hash, b, 4);
  store<u32>(hash, c, 8);
  store<u32>(hash, d, 12);
}

/** The length counts modulo 2^32. */
export function update(hash: usize, at: usize, length: usize): void {
  const end = at + length;
  const total = load<u32>(hash, LENGTH);
  const kept = <usize>(total & 15);
  store<u32>(hash, total + <u32>length, LENGTH);
  if (kept > 0) {
    const missing = min<usize>(16 - kept, length);
    memory.copy(hash + TAIL + kept, at, missing);
    at += missing;
    if (kept + missing < 16) return;
    stripes(hash, hash + TAIL, hash + TAIL + 16);
  }
  const whole = at + ((end - at) & ~15);
  stripes(hash, at, whole);
  memory.copy(hash + TAIL, whole, end - whole);
}

/** `long`: the length is 16 bytes or more. */
export function digest(hash: usize, long: bool): u32 {
  const total = load<u32>(hash, LENGTH);
  let sum: u32 = long
    ? rotl<u32>(load<u32>(hash), 1) + rotl<u32>(load<u32>(hash, 4), 7)
      + rotl<u32>(load<u32>(hash, 8), 12) + rotl<u32>(load<u32>(hash, 12), 18)
    : P5;
  sum += total;
  let at = hash + TAIL;
  const end = at + (total & 15);
  for (; at + 4 <= end; at += 4) sum = rotl<u32>(sum + load<u32>(at) * P3, 17) * P4;
  for (; at < end; at++) sum = rotl<u32>(sum + load<u8>(at) * P5, 11) * P1;
  sum = (sum ^ (sum >>> 15)) * P2;
  sum = (sum ^ (sum >>> 13)) * P3;
  return sum ^ (sum >>> 16);
}
