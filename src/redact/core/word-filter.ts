import type { Endian } from '../../core/base/bytes/field-reader.js';
import type { AddressRanges } from './address-ranges.js';

/** Which words stay: addresses of code, and of the stacks of the thread that they belong to. */
export interface WordTest {
  /** Bytes of a word. */
  word: 4 | 8;
  endian: Endian;
  code: AddressRanges;
  stacks: AddressRanges;
}

/** Words of stacks, by what became of them. */
export interface WordCounts {
  words: number;
  code: number;
  stack: number;
  dropped: number;
}

export const noWords = (): WordCounts => ({ words: 0, code: 0, stack: 0, dropped: 0 });

/**
 * Half of what a dropped stack word becomes; Breakpad and Crashpad write the same. A debugger without unwind
 * tables guesses word by word and stops at 0, so that zeros in place of data would lose frames.
 */
const DEFACED = 0x0defaced;

/**
 * Replaces in place all words that fail the test; 0 stays. `filler`: the constant is for words of stacks, 0
 * for registers. The length is a multiple of the word.
 */
export function filterWords(
  bytes: Uint8Array,
  test: WordTest,
  filler: 'constant' | 'zero',
  counts: WordCounts,
): void {
  const { word, endian, code, stacks } = test;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endian === 'le';
  const fill = filler === 'constant' ? DEFACED : 0;
  const [lowAt, highAt] = little ? [0, 4] : [4, 0];
  for (let at = 0; at + word <= bytes.length; at += word) {
    counts.words++;
    let value: number;
    if (word === 8) {
      const low = view.getUint32(at + lowAt, little);
      const high = view.getUint32(at + highAt, little);
      if (low === 0 && high === 0) continue;
      value = high * 2 ** 32 + low;
    } else {
      value = view.getUint32(at, little);
      if (value === 0) continue;
    }
    if (stacks.has(value)) counts.stack++;
    else if (code.has(value)) counts.code++;
    else {
      counts.dropped++;
      view.setUint32(at, fill, little);
      if (word === 8) view.setUint32(at + 4, fill, little);
    }
  }
}
