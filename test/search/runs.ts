import type { ByteReader } from '../../src/core/base/bytes/storage.js';
import type { Extent } from '../../src/core/model/report.js';
import type { Run } from '../../src/search/core/types.js';

/**
 * The entropy net made the slow way, word by word: GOOD words have at most one zero byte and 1 to 7 top bits,
 * SOFT ones at most two zero bytes; a run is GOOD words with single SOFT ones between them, three words or
 * more.
 */
export function* findRuns(reader: ByteReader, phase = 0): Generator<Run> {
  const block = Buffer.alloc(1 << 20);
  let start = -1;
  let last = -1;
  const closed = (): Run[] => {
    const words = (last - start) / 8 + 1;
    const found = start >= 0 && words >= 3 ? [{ offset: start, words }] : [];
    start = -1;
    return found;
  };
  for (let base = phase; base < reader.length; base += block.length) {
    const read = reader.read(base, block);
    for (let i = 0; i + 8 <= read; i += 8) {
      let zeros = 0;
      let tops = 0;
      for (let j = i; j < i + 8; j++) {
        const byte = block[j]!;
        if (byte === 0) zeros++;
        tops += byte >> 7;
      }
      const at = base + i;
      if (zeros <= 1 && tops >= 1 && tops <= 7) {
        if (start >= 0 && at - last > 16) yield* closed();
        if (start < 0) start = at;
        last = at;
      } else if (start >= 0 && (zeros > 2 || at - last > 8)) yield* closed();
    }
  }
  yield* closed();
}

/**
 * Digits of JavaScript engines, word by word: eight words and more, each below 2^28 in its upper half, or in
 * its lower half below a tag, or a double of such a number.
 */
export function* findDigits(reader: ByteReader): Generator<Run> {
  const bytes = Buffer.alloc(reader.length);
  reader.read(0, bytes);
  let words = 0;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const value = bytes.readDoubleLE(at);
    const small = bytes.readUInt32LE(at) === 0 && bytes.readUInt32LE(at + 4) - 1 < 2 ** 28 - 1;
    const tagged = bytes.readUInt32LE(at + 4) === 0xfffe0000 && bytes.readUInt32LE(at) < 2 ** 28;
    if (
      bytes.readUInt32LE(at + 4) > 0 &&
      (small || tagged || (Number.isInteger(value) && value > 0 && value < 2 ** 28))
    )
      words++;
    else {
      if (words >= 8) yield { offset: at - words * 8, words };
      words = 0;
    }
  }
}

/** Runs of base64url of 43 characters and more. */
export function* findTexts(reader: ByteReader): Generator<Extent> {
  const bytes = Buffer.alloc(reader.length);
  reader.read(0, bytes);
  for (const { index, 0: run } of bytes.toString('latin1').matchAll(/[\w-]{43,}/g))
    yield { offset: index, length: run.length };
}
