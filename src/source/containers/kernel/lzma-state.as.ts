// State of the LZMA decoder between calls, and its memory layout.

/** Probabilities, 16 bits each; offsets are in bytes. */
export const PROBABILITIES: usize = 1024;
export const IS_MATCH: usize = 0;
export const IS_REP: usize = 384;
export const IS_REP0: usize = 408;
export const IS_REP1: usize = 432;
export const IS_REP2: usize = 456;
export const IS_REP0_LONG: usize = 480;
export const SLOT: usize = 864;
export const SPECIAL: usize = 1376;
export const ALIGN: usize = 1632;
export const LENGTHS: usize = 1664;
export const REPEATED_LENGTHS: usize = 2692;
export const END: usize = 3720;
/** Behind the input, since they are as many as 6 MiB; the others end before the tables of CRC-64. */
export const LITERAL: usize = 0x30000 - PROBABILITIES;

/** Probabilities of lengths: two choices, then these. */
export const LENGTH_LOW: usize = 4;
export const LENGTH_MIDDLE: usize = 260;
export const LENGTH_HIGH: usize = 516;

/** The byte before the window is zero: the one before the first literal. */
export const WINDOW: usize = 0x640000;

/** Results of `decode`: the limit is reached, ... */
export const DONE: u32 = 0;
/** ... the input ends, ... */
export const MORE_INPUT: u32 = 1;
/** ... the end marker was read, ... */
export const END_MARKER: u32 = 2;
/** ... or a match begins before the window. */
export const TOO_FAR: u32 = 3;

export let range: u32 = 0;
export let code: u32 = 0;
/** Address of the next byte of input. */
export let pos: usize = 0;
/** Address of the next byte of output; set by `resetWindow`. */
export let out: usize = 0;
/** Address of the output's first byte, which is below the window once that has moved. */
export let base: usize = 0;
export let state: u32 = 0;
export let rep0: u32 = 0;
export let rep1: u32 = 0;
export let rep2: u32 = 0;
export let rep3: u32 = 0;
/** Bytes left of a match that the output limit cut. */
export let pending: u32 = 0;
/** lc, and masks by lp and pb. */
export let contextBits: u32 = 0;
export let literalMask: u32 = 0;
export let posMask: u32 = 0;
/** Bytes. */
export let dictionary: u32 = 0;

/** Copies a match up to the limit; up to 8 bytes after it are overwritten. Returns the new end. */
export function copy(to: usize, distance: u32, length: u32, limit: usize): usize {
  const count = min<usize>(length, limit - to);
  pending = length - <u32>count;
  const end = to + count;
  let from = to - distance;
  if (distance < 8) {
    // Byte by byte up to a multiple of the distance that is at least 8.
    let far: usize = distance;
    while (far < 8) far += distance;
    for (const near = min<usize>(end, from + far); to < near; to++, from++) store<u8>(to, load<u8>(from));
    from = to - far;
  }
  for (; to < end; to += 8, from += 8) store<u64>(to, load<u64>(from));
  return end;
}
