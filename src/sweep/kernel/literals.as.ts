// The literal kernel: exact hits of thousands of literals, plain and wide (UTF-16), in one pass.
//
// The filter is a variant of Hyperscan's Teddy: shuffle-based nibble masks. Each literal has a 3-byte key
// somewhere inside it and belongs to one of 8 buckets. tables[3][low, high][16] give, for each key byte and
// each value of its low and high nibble, the set of buckets (one bit each) containing a key with that nibble
// at that position.
//
//   every 16 KiB:
//     per block of 64 bytes:
//       all zero: carry over the classes of byte 00, next block
//       class_i  = low_i[x & 15] & high_i[x >> 4]            for i = 0, 1, 2
//       keys     = class_0 shifted by 2 & class_1 shifted by 1 & class_2          a key may end here
//       store keys and address in the plain queue; advance the queue if any byte of keys is set
//       zeros    = bit mask of x == 0
//       wide     = ends of x 00 x 00 x, from zeros shifted by 0 to 4
//       store wide and address in the wide queue; advance the queue if wide is not 0
//     drain the plain queue: exact-key bitmap, then masked compares along a hash chain (confirm.as.ts)
//     drain the wide queue: narrow to one byte per character, then the same tables and bitmap (drain.as.ts)
//
// The fused kernels (NOISE) also classify the words of each block, reusing `zeros`, and return the chunk's
// runs of random-looking words (noise.as.ts), of possible digits of JavaScript big integers (digits.as.ts),
// of base64url that may be a JSON Web Key member (texts.as.ts), and of characters of values (values.as.ts).
//
// The only data-dependent branch of the main loop is the test for zero blocks. Unless `skipZeros` is 0 no key
// ends in 00, so a block of zeros cannot complete a key.

import { setPrefixes, setRecords, hitCount, openChunk, setHits } from './confirm.as';
import { drainPlain, drainWide, PLAIN_SLOT, WIDE_SLOT } from './drain.as';
import { digitBlock, digitRuns, mayHoldDigits, openDigits, setDigits } from './digits.as';
import { clearNotes, closeNoise, drainNoise, noteBlock, openNoise, passZeros, setNoise } from './noise.as';
import { classOf, highNibbles, lowNibbles, mask64, shiftIn1, shiftIn2 } from './simd.as';
import { closeTexts, drainTexts, mayHoldText, openTexts, setTexts, textQueue } from './texts.as';
import { openTextRecords, textRecordBytes } from './text-records.as';
import { censusBytes } from './value-characters.as';
import { closeValues, drainValues, openValues, setValueNets, setValues, valueQueue } from './values.as';
import { NOISE } from './variant.as';

const STRETCH: usize = 16384;
const PLAIN_QUEUE: usize = (STRETCH / 64 + 1) * PLAIN_SLOT;

let tables: usize = 0;
let queues: usize = 0;
let skip: bool = true;
// Numbers of runs of random-looking words, of base64url and of values in the last chunk.
let runs: u32 = 0;
let texts: u32 = 0;
let values: u32 = 0;

export function runCount(): u32 {
  return runs;
}

export function digitCount(): u32 {
  return NOISE ? digitRuns() : 0;
}

export function textCount(): u32 {
  return texts;
}

export function valueCount(): u32 {
  return values;
}

// Bytes of the records of values that were counted in the last chunk.
export function countedBytes(): usize {
  return NOISE ? censusBytes() : 0;
}

// Fused kernels only. `prefixBits`, `prefixHeads`, `slots`: as for the literals, in init.
export function initValues(
  work: usize, runBuffer: usize, census: usize, prefixBits: usize, prefixHeads: usize, slots: u32,
): void {
  if (NOISE) {
    setValues(work, runBuffer, census);
    setPrefixes(prefixBits, prefixHeads, slots);
  }
}

// What the next chunks are searched for: 1 is prefixes, 2 runs that look random; with 4 these are counted.
export function findValues(nets: u32): void {
  if (NOISE) setValueNets(nets);
}

// Bytes of the records decoded from texts in the last chunk.
export function textBytes(): usize {
  return NOISE ? textRecordBytes() : 0;
}

// The next chunk's texts are decoded into records at `records`; with 0, they are not. `offset`: the file
// offset of the byte at `at`.
export function decodeTexts(records: usize, at: usize, offset: f64): void {
  if (NOISE) openTextRecords(records, at, offset);
}

// Fused kernels only.
export function initNoise(
  workspace: usize, scores: usize, runBuffer: usize, digitBuffer: usize, textWork: usize, textBuffer: usize,
): void {
  if (NOISE) {
    setNoise(workspace, scores, runBuffer);
    setDigits(digitBuffer);
    setTexts(textWork, textBuffer);
  }
}

// Addresses of the images. `work`: (16 KiB / 64 + 1) slots of each queue.
export function init(
  tableImage: usize, bitmap: usize, heads: usize, slots: u32, entries: usize, bodies: usize, skipZeros: u32,
  work: usize, hits: usize, capacity: u32,
): void {
  tables = tableImage;
  queues = work;
  skip = skipZeros != 0;
  setRecords(bitmap, heads, slots, entries, bodies);
  setHits(hits, capacity);
}

// Finds the hits that start in the `length` bytes at `buffer` and end at most `margin` bytes after them.
// `offset`: file offset of the first byte. Returns the number of hits, which may exceed the capacity.
// `buffer` is a multiple of 16; 64 bytes before it and 128 after the data must be readable.
export function scan(buffer: usize, length: usize, margin: usize, offset: f64): u32 {
  const lo0 = v128.load(tables), hi0 = v128.load(tables, 16);
  const lo1 = v128.load(tables, 32), hi1 = v128.load(tables, 48);
  const lo2 = v128.load(tables, 64), hi2 = v128.load(tables, 80);
  const zero = i8x16.splat(0);
  const plainQueue = queues, wideQueue = queues + PLAIN_QUEUE, textBlocks = NOISE ? textQueue() : 0;
  const valueWords = NOISE ? valueQueue() : 0;
  openChunk(buffer, length, margin, offset);
  if (NOISE) {
    openNoise(buffer, length, offset);
    openDigits(buffer, length, offset);
    openTexts(buffer, length, offset);
    openValues(buffer, length, margin, offset);
  }
  let before0 = zero, before1 = zero;
  let zerosBefore: u64 = 0;
  for (let p = buffer, end = buffer + length + margin; p < end; ) {
    const stretch = p, stop = p + STRETCH < end ? p + STRETCH : end;
    let dirty = false;
    let plain = plainQueue, wide = wideQueue, text = textBlocks;
    for (; p < stop; p += 64) {
      const A = v128.load(p), B = v128.load(p, 16), C = v128.load(p, 32), D = v128.load(p, 48);
      if (!v128.any_true(v128.or(v128.or(A, B), v128.or(C, D))) && skip) {
        before0 = classOf(lo0, hi0, zero, zero);
        before1 = classOf(lo1, hi1, zero, zero);
        zerosBefore = -1;
        continue;
      }
      let low = lowNibbles(A), high = highNibbles(A);
      let class0 = classOf(lo0, hi0, low, high), class1 = classOf(lo1, hi1, low, high);
      const a = v128.and(
        classOf(lo2, hi2, low, high), v128.and(shiftIn2(before0, class0), shiftIn1(before1, class1)),
      );
      before0 = class0;
      before1 = class1;
      low = lowNibbles(B), high = highNibbles(B);
      class0 = classOf(lo0, hi0, low, high), class1 = classOf(lo1, hi1, low, high);
      const b = v128.and(
        classOf(lo2, hi2, low, high), v128.and(shiftIn2(before0, class0), shiftIn1(before1, class1)),
      );
      before0 = class0;
      before1 = class1;
      low = lowNibbles(C), high = highNibbles(C);
      class0 = classOf(lo0, hi0, low, high), class1 = classOf(lo1, hi1, low, high);
      const c = v128.and(
        classOf(lo2, hi2, low, high), v128.and(shiftIn2(before0, class0), shiftIn1(before1, class1)),
      );
      before0 = class0;
      before1 = class1;
      low = lowNibbles(D), high = highNibbles(D);
      class0 = classOf(lo0, hi0, low, high), class1 = classOf(lo1, hi1, low, high);
      const d = v128.and(
        classOf(lo2, hi2, low, high), v128.and(shiftIn2(before0, class0), shiftIn1(before1, class1)),
      );
      before0 = class0;
      before1 = class1;
      v128.store(plain, a);
      v128.store(plain, b, 16);
      v128.store(plain, c, 32);
      v128.store(plain, d, 48);
      store<u32>(plain, <u32>p, 64);
      plain += v128.any_true(v128.or(v128.or(a, b), v128.or(c, d))) ? PLAIN_SLOT : 0;

      const zeros = mask64(i8x16.eq(A, zero), i8x16.eq(B, zero), i8x16.eq(C, zero), i8x16.eq(D, zero));
      if (NOISE) {
        dirty = true;
        const tops = mask64(A, B, C, D);
        noteBlock((p - stretch) >>> 6, zeros, tops);
        if (mayHoldDigits(zeros)) digitBlock(p, zeros);
        store<u32>(text, <u32>p);
        text += mayHoldText(zeros | tops) ? 4 : 0;
      }
      const ends =
        ~zeros &
        ((zeros << 1) | (zerosBefore >>> 63)) &
        ~((zeros << 2) | (zerosBefore >>> 62)) &
        ((zeros << 3) | (zerosBefore >>> 61)) &
        ~((zeros << 4) | (zerosBefore >>> 60));
      zerosBefore = zeros;
      store<u64>(wide, ends);
      store<u32>(wide, <u32>p, 8);
      wide += ends != 0 ? WIDE_SLOT : 0;
    }
    drainPlain(plainQueue, plain);
    drainWide(wideQueue, wide, tables);
    if (NOISE) drainTexts(text);
    // The margin is outside the chunk.
    if (NOISE) {
      const inChunk = stretch < buffer + length ? min(stop, buffer + length) - stretch : 0;
      const blocks = (inChunk + 63) >>> 6;
      if (dirty) {
        drainNoise(blocks, valueWords);
        if (valueWords) drainValues(stretch, (blocks + 7) >>> 3);
        clearNotes();
      } else passZeros(blocks);
    }
  }
  if (NOISE) {
    runs = closeNoise();
    texts = closeTexts();
    values = closeValues();
  }
  return hitCount();
}
