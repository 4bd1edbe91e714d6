// HMAC (RFC 2104) of many keys over one message: midstates are computed once a key, message schedules once a
// message. SHA-256 runs on four keys at a time.
import { compress512, compressLanes, compressShared, K256, K512 } from './sha2-rounds.as';

/** States of four keys for SHA-256: 8 words by 4 lanes after the inner pad, the outer pad, the message. */
const GROUP: usize = 3 * 128;
/** States of a key for SHA-512 and SHA-384. */
const KEY: usize = 3 * 64;

/** Schedule of one block: 64 vectors, or 80 words of 64 bits. */
const schedule: usize = memory.data(1024, 16);
const digest: usize = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by));
}

/** Words 16 to 63 of the schedule of four blocks. */
function expandLanes(): void {
  for (let t: usize = 16; t < 64; t++) {
    const at = schedule + (t << 4);
    const x = v128.load(at - (15 << 4));
    const y = v128.load(at - (2 << 4));
    const s0 = v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3));
    const s1 = v128.xor(v128.xor(rotate(y, 17), rotate(y, 19)), i32x4.shr_u(y, 10));
    const rest = i32x4.add(v128.load(at - (7 << 4)), v128.load(at - (16 << 4)));
    v128.store(at, i32x4.add(i32x4.add(s0, s1), rest));
  }
}

function pad256(keys: usize, pad: i32, iv: usize, to: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    const at = keys + (t << 2);
    let w = i32x4.splat(bswap<i32>(load<i32>(at)));
    w = i32x4.replace_lane(w, 1, bswap<i32>(load<i32>(at, 64)));
    w = i32x4.replace_lane(w, 2, bswap<i32>(load<i32>(at, 128)));
    w = i32x4.replace_lane(w, 3, bswap<i32>(load<i32>(at, 192)));
    v128.store(schedule + (t << 4), v128.xor(w, i32x4.splat(pad)));
  }
  expandLanes();
  for (let i: usize = 0; i < 8; i++) v128.store(digest + (i << 4), v128.load32_splat(iv + (i << 2)));
  compressLanes(to, digest, schedule);
}

/** Midstates of keys of 64 bytes, in groups of four. `iv`: 8 words. */
export function prepare256(keys: usize, groups: i32, states: usize, iv: usize): void {
  for (let g = 0; g < groups; g++, keys += 256, states += GROUP) {
    pad256(keys, 0x36363636, iv, states);
    pad256(keys, 0x5c5c5c5c, iv, states + 128);
  }
}

/** w + k of one block. */
function share(block: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    store<u32>(schedule + (t << 2), bswap<u32>(load<u32>(block + (t << 2))));
  }
  for (let t: usize = 16; t < 64; t++) {
    const at = schedule + (t << 2);
    const x = load<u32>(at - (15 << 2));
    const y = load<u32>(at - (2 << 2));
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >> 10);
    store<u32>(at, s0 + s1 + load<u32>(at - (7 << 2)) + load<u32>(at - (16 << 2)));
  }
  for (let t = 0; t < 64; t++) {
    const at = schedule + ((<usize>t) << 2);
    store<u32>(at, load<u32>(at) + unchecked(K256[t]));
  }
}

/**
 * Tries all keys on a padded message. Writes the indices of those whose MAC is `mac` (8 words), and returns
 * their number.
 */
export function verify256(
  states: usize,
  groups: i32,
  message: usize,
  blocks: i32,
  mac: usize,
  out: usize,
): i32 {
  for (let b = 0; b < blocks; b++, message += 64) {
    share(message);
    let at = states;
    for (let g = 0; g < groups; g++, at += GROUP) compressShared(at + 256, b == 0 ? at : at + 256, schedule);
  }
  let found = 0;
  for (let g = 0; g < groups; g++, states += GROUP) {
    for (let i: usize = 0; i < 8; i++) v128.store(schedule + (i << 4), v128.load(states + 256 + (i << 4)));
    v128.store(schedule + (8 << 4), i32x4.splat(0x80000000));
    for (let i: usize = 9; i < 15; i++) v128.store(schedule + (i << 4), i32x4.splat(0));
    v128.store(schedule + (15 << 4), i32x4.splat((64 + 32) * 8));
    expandLanes();
    compressLanes(digest, states + 128, schedule);
    let equal = i32x4.splat(-1);
    for (let i: usize = 0; i < 8; i++) {
      equal = v128.and(equal, i32x4.eq(v128.load(digest + (i << 4)), v128.load32_splat(mac + (i << 2))));
    }
    const lanes = i32x4.bitmask(equal);
    for (let lane = 0; lane < 4; lane++) {
      if (!(lanes & (1 << lane))) continue;
      store<i32>(out + ((<usize>found) << 2), g * 4 + lane);
      found++;
    }
  }
  return found;
}

/** Words 16 to 79 of a schedule, then w + k. */
function expand512(): void {
  for (let t: usize = 16; t < 80; t++) {
    const at = schedule + (t << 3);
    const x = load<u64>(at - (15 << 3));
    const y = load<u64>(at - (2 << 3));
    const s0 = rotr(x, 1) ^ rotr(x, 8) ^ (x >> 7);
    const s1 = rotr(y, 19) ^ rotr(y, 61) ^ (y >> 6);
    store<u64>(at, s0 + s1 + load<u64>(at - (7 << 3)) + load<u64>(at - (16 << 3)));
  }
  for (let t = 0; t < 80; t++) {
    const at = schedule + ((<usize>t) << 3);
    store<u64>(at, load<u64>(at) + unchecked(K512[t]));
  }
}

function load512(block: usize, pad: u64): void {
  for (let t: usize = 0; t < 16; t++) {
    store<u64>(schedule + (t << 3), bswap<u64>(load<u64>(block + (t << 3))) ^ pad);
  }
  expand512();
}

/** Midstates of keys of 128 bytes. `iv`: 8 words of SHA-512 or SHA-384. */
export function prepare512(keys: usize, count: i32, states: usize, iv: usize): void {
  for (let i = 0; i < count; i++, keys += 128, states += KEY) {
    load512(keys, 0x3636363636363636);
    compress512(states, iv, schedule);
    load512(keys, 0x5c5c5c5c5c5c5c5c);
    compress512(states + 64, iv, schedule);
  }
}

/** As {@link verify256}; the digest has `words` words: 8 for SHA-512, 6 for SHA-384. */
export function verify512(
  states: usize,
  count: i32,
  message: usize,
  blocks: i32,
  mac: usize,
  words: i32,
  out: usize,
): i32 {
  for (let b = 0; b < blocks; b++, message += 128) {
    load512(message, 0);
    let at = states;
    for (let i = 0; i < count; i++, at += KEY) compress512(at + 128, b == 0 ? at : at + 128, schedule);
  }
  let found = 0;
  for (let i = 0; i < count; i++, states += KEY) {
    for (let t = 0; t < 16; t++) {
      const at = schedule + ((<usize>t) << 3);
      store<u64>(at, t < words ? load<u64>(states + 128 + ((<usize>t) << 3)) : 0);
    }
    store<u64>(schedule + ((<usize>words) << 3), 0x8000000000000000);
    store<u64>(schedule + (15 << 3), (128 + words * 8) * 8);
    expand512();
    compress512(digest, states + 64, schedule);
    let equal = true;
    for (let t = 0; t < words && equal; t++) {
      equal = load<u64>(digest + ((<usize>t) << 3)) == load<u64>(mac + ((<usize>t) << 3));
    }
    if (!equal) continue;
    store<i32>(out + ((<usize>found) << 2), i);
    found++;
  }
  return found;
}
