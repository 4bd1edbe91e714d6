import { isGrey, isQuiet, looksRandom } from './gate.js';
import type { Kernel } from './kernel.js';
import { NumberSet } from './number-set.js';
import { WORD_READINGS } from './readings.js';
import type { Piece } from './run-bytes.js';
import type { Shortfall } from './shortfall.js';
import type { WordReading } from './types.js';

/** Flags of a number. */
export const SCALAR = 1;

/** Octets of the numbers whose words are all random, as they stand. */
const SIZES = [32, 48] as const;

/** P-521: 66 octets, of which the first has one bit; kept as nine little-endian words. */
const LONG = { random: 64, octets: 66, ints: 68, stored: 72, mostTop: 0x1ff, leastWords: 7 };

/**
 * Numbers of a curve's size that may be a coordinate or a private scalar: those at the start of a run, and the one behind
 * it. A number whose first word the net missed begins a word earlier. A scalar has an object of its own, so that a quiet
 * word stands before it: a length, a header, a pointer.
 */
export class CurveNumbers {
  /** As they stand, by octets; any reading is possible. */
  readonly bySize: ReadonlyMap<number, NumberSet> = new Map(SIZES.map((size) => [size, new NumberSet(size)]));
  /** 521 bits, by the reading that fits, all turned into nine little-endian words. */
  readonly long: ReadonlyMap<WordReading, NumberSet> = new Map(
    WORD_READINGS.map((reading) => [reading, new NumberSet(LONG.stored)]),
  );
  readonly #kernel: Kernel;
  readonly #shortfall: Shortfall;

  constructor(kernel: Kernel, shortfall: Shortfall) {
    this.#kernel = kernel;
    this.#shortfall = shortfall;
  }

  add(piece: Piece): void {
    if (!piece.startsRun) return;
    for (const size of SIZES) this.#addWhole(piece, size);
    if (piece.words >= LONG.leastWords) this.#addLong(piece);
  }

  #addWhole(piece: Piece, size: (typeof SIZES)[number]): void {
    const { at, before, after, words, offset } = piece;
    const bytes = this.#kernel.bytes;
    for (const x of [-8, 0, size]) {
      // One word more than the run has may be the number's last.
      if (x + size > Math.min(after, words * 8 + 8) || x + before < 0) continue;
      if (x < 0 && !isGrey(bytes, at - 8)) continue;
      if (!looksRandom(bytes, at + x, size)) continue;
      const alone = x < size && (before + x < 8 || isQuiet(bytes, at + x - 8));
      this.#keep(this.bySize.get(size)!, bytes, at + x, offset + x, alone ? SCALAR : 0);
    }
  }

  #addLong({ at, before, after, offset }: Piece): void {
    const bytes = this.#kernel.bytes;
    for (const x of [-8, 0]) {
      if (x + LONG.stored > after || x + before < 0) continue;
      const start = at + x;
      const flags = before + x < 8 || isQuiet(bytes, start - 8) ? SCALAR : 0;
      for (const reading of WORD_READINGS) {
        const words = longReadings[reading](bytes, start);
        if (words) this.#keep(this.long.get(reading)!, words, 0, offset + x, flags);
      }
    }
  }

  #keep(set: NumberSet, bytes: Uint8Array, at: number, offset: number, flags: number): void {
    if (!set.add(bytes, at, offset, flags))
      this.#shortfall.add('ec-numbers', 'numbers of a curve’s size were not kept', offset, offset + set.size);
  }
}

/** The number at a place as nine little-endian words, where it has 521 bits in this reading. */
const longReadings: { [K in WordReading]: (bytes: Buffer, at: number) => Buffer | undefined } = {
  'limbs-le': (bytes, at) =>
    bytes.readUInt32LE(at + 64) <= LONG.mostTop &&
    bytes.readUInt32LE(at + 68) === 0 &&
    looksRandom(bytes, at, LONG.random)
      ? bytes.subarray(at, at + LONG.stored)
      : undefined,
  'bytes-be': (bytes, at) =>
    bytes.readUInt16BE(at) <= LONG.mostTop && looksRandom(bytes, at + 2, LONG.random)
      ? padded(Buffer.from(bytes.subarray(at, at + LONG.octets)).reverse())
      : undefined,
  'int32-msw': (bytes, at) => {
    if (bytes.readUInt32LE(at) > LONG.mostTop || !looksRandom(bytes, at + 4, LONG.random)) return undefined;
    const ints = Buffer.from(bytes.subarray(at, at + LONG.ints));
    return padded(ints.swap32().reverse());
  },
};

function padded(littleEndian: Buffer): Buffer {
  return Buffer.concat([littleEndian, Buffer.alloc(LONG.stored - littleEndian.length)]);
}
