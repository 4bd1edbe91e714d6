// LZMA decoder (LZMA SDK, lzma-specification.txt) and CRC-64 (ECMA-182). The host is
// src/source/containers/lzma/lzma-kernel.ts, which writes input into memory and reads the output from the window.
//   lzma-state.as.ts  memory layout and state
//   lzma-loop.mjs     the loop, generated

import { decode } from './lzma-loop.as';
import * as s from './lzma-state.as';
import { DONE, END, MORE_INPUT, PROBABILITIES, LITERAL, WINDOW, copy } from './lzma-state.as';

/** Most bytes that a symbol takes of the input. */
const SYMBOL: usize = 20;

export function output(): usize {
  return s.out;
}

export function input(): usize {
  return s.pos;
}

/** True if the range decoder is where an encoder leaves it. */
export function isFinished(): bool {
  return s.code == 0 && s.pending == 0;
}

export function resetWindow(dictionary: u32): void {
  s.out = s.base = WINDOW;
  s.dictionary = dictionary;
  s.pending = 0;
}

/** Keeps the last `count` bytes of the output, a multiple of 16, at the start of the window. */
export function slide(count: usize): void {
  const from = s.out - count;
  memory.copy(WINDOW, from, count);
  // Positions count modulo 16.
  s.base -= from - WINDOW;
  s.out = WINDOW + count;
}

export function setProperties(lc: u32, lp: u32, pb: u32): void {
  s.contextBits = lc;
  s.literalMask = (1 << lp) - 1;
  s.posMask = (1 << pb) - 1;
}

export function resetState(): void {
  s.state = s.rep0 = s.rep1 = s.rep2 = s.rep3 = 0;
  const literals: usize = PROBABILITIES + LITERAL;
  const contexts: usize = <usize>(s.literalMask + 1) << s.contextBits;
  for (let at = PROBABILITIES; at < PROBABILITIES + END; at += 2) store<u16>(at, 1024);
  for (let at = literals; at < literals + 0x600 * contexts; at += 2) store<u16>(at, 1024);
}

/** Starts the range decoder at five bytes of input. */
export function begin(at: usize): void {
  s.range = 0xffffffff;
  s.code = bswap<u32>(load<u32>(at + 1));
  s.pos = at + 5;
}

/** Sets the address of the next byte of input. */
export function continueAt(at: usize): void {
  s.pos = at;
}

/** Adds stored bytes to the output. */
export function append(from: usize, count: usize): void {
  memory.copy(s.out, from, count);
  s.out += count;
}

/** Decodes input up to `end` until the output has `room` more bytes. `whole`: there is no more input. */
export function run(room: usize, end: usize, whole: bool): u32 {
  const limit = s.out + room;
  if (s.pending > 0) s.out = copy(s.out, s.rep0 + 1, s.pending, limit);
  if (s.out == limit) return DONE;
  if (!whole && s.pos + SYMBOL > end) return MORE_INPUT;
  return decode(limit, whole ? end : end - SYMBOL, end);
}

/** Eight tables of 256 words, for eight bytes at a time. */
const TABLES: usize = 0x8000;
const POLYNOMIAL: u64 = 0xc96c5795d7870f42;

export function setTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let word: u64 = i;
    for (let bit = 0; bit < 8; bit++) word = (word >>> 1) ^ (POLYNOMIAL & (0 - (word & 1)));
    store<u64>(TABLES + (i << 3), word);
  }
  for (let i: u32 = 256; i < 2048; i++) {
    const word = load<u64>(TABLES + ((i - 256) << 3));
    store<u64>(TABLES + (i << 3), load<u64>(TABLES + ((<u32>word & 255) << 3)) ^ (word >>> 8));
  }
}

// @ts-ignore: decorator
@inline
function entry(word: u64, byte: u32): u64 {
  return load<u64>(TABLES + ((7 - byte) << 11) + ((<u32>(word >>> (byte << 3)) & 255) << 3));
}

export function crc64(sum: u64, at: usize, length: usize): u64 {
  let word = ~sum;
  const end = at + length;
  for (; at + 8 <= end; at += 8) {
    const x = word ^ load<u64>(at);
    word = entry(x, 0) ^ entry(x, 1) ^ entry(x, 2) ^ entry(x, 3)
      ^ entry(x, 4) ^ entry(x, 5) ^ entry(x, 6) ^ entry(x, 7);
  }
  for (; at < end; at++) {
    word = load<u64>(TABLES + ((<u32>(word ^ load<u8>(at)) & 255) << 3)) ^ (word >>> 8);
  }
  return ~word;
}
