import { FITTED, type NumberRecord } from '../../runs/records.js';
import {
  DIGIT_ENCODINGS,
  INTEGER_ENCODINGS,
  TEXT_ENCODINGS,
  WORD_ENCODINGS,
} from '../core/integer-encodings.js';
import { NumberSet } from '../core/number-set.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { DigitReading, EngineReading, TextReading, WordReading } from '../core/types.js';
import type { JsEngineNumber } from './js-engine-digits.js';

/** Flags of a number: it may be a scalar, and likely is one that has an object of its own. */
export const SCALAR = 1;
export const LIKELY = 2;
/** It may be in 32-bit integers, the most significant first: their array begins there. */
export const ARRAY_START = 4;
/** It stands between two copies of one number: whoever keeps a public key beside its private one does so. */
export const BETWEEN_COPIES = 8;

/** Octets of the numbers whose words are all random, as they stand. */
const SIZES = [32, 40, 48, 64] as const;

/** Numbers that were turned into little-endian words: by their bytes, the readings that may fit. P-521 takes nine words. */
const ENCODINGS_BY_WIDTH = new Map<number, readonly (WordReading | DigitReading)[]>([
  ...SIZES.map((size) => [size, DIGIT_ENCODINGS] as const),
  [72, [...WORD_ENCODINGS, ...DIGIT_ENCODINGS]],
]);

/** The same of texts, members of JSON Web Keys and hexadecimal digits: Brainpool's other curves are left out. */
const TEXT_WIDTHS = [32, 48, 72] as const;

/** A big-endian number in whole words. */
export function padToWords(octets: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc((8 - (octets.length % 8)) % 8), octets]);
}

/**
 * Numbers of a curve's size that may be a coordinate or a private scalar: those at the start of a run, and the one behind it
 * (src/runs/kernel/scalars.as.ts).
 */
export class CurveNumbers {
  /** As they stand, by octets; any reading is possible. */
  readonly bySize: ReadonlyMap<number, NumberSet> = new Map(SIZES.map((size) => [size, new NumberSet(size)]));
  /** Of one reading alone, by the bytes of the little-endian words that they were turned into, and by that reading. */
  readonly inWords: ReadonlyMap<number, ReadonlyMap<WordReading | DigitReading, NumberSet>> = new Map(
    [...ENCODINGS_BY_WIDTH].map(([size, readings]) => [
      size,
      new Map(readings.map((reading) => [reading, new NumberSet(size)])),
    ]),
  );
  /** Of texts: octets in whole words, by their number. */
  readonly texts: Readonly<Record<TextReading, ReadonlyMap<number, NumberSet>>> = {
    base64url: new Map(TEXT_WIDTHS.map((size) => [size, new NumberSet(size)])),
    hex: new Map(TEXT_WIDTHS.map((size) => [size, new NumberSet(size)])),
  };
  /** Of digits of a JavaScript engine, as those in words: most dumps have none. */
  readonly #jsEngineSets = new Map<number, Map<EngineReading, NumberSet>>();
  readonly #shortfall: SkippedWork;

  constructor(shortfall: SkippedWork) {
    this.#shortfall = shortfall;
  }

  addWhole(record: NumberRecord): void {
    this.#keep(
      this.bySize.get(record.size)!,
      record,
      SCALAR | LIKELY | ARRAY_START | BETWEEN_COPIES | FITTED,
    );
  }

  addLong(record: NumberRecord): void {
    const reading = INTEGER_ENCODINGS[(record.detail & ~FITTED) >> 2] as WordReading | DigitReading;
    this.#keep(this.inWords.get(record.size)!.get(reading)!, record, SCALAR | LIKELY | FITTED);
  }

  /** Digits of a JavaScript engine: an array of just one number says how long it is. */
  readonly addEngine = ({ words, size, reading, offset, capacity: room, ...is }: JsEngineNumber): void => {
    const sets = this.#jsEngineSets.get(size) ?? new Map<EngineReading, NumberSet>();
    this.#jsEngineSets.set(size, sets);
    const set = sets.get(reading) ?? new NumberSet(size);
    sets.set(reading, set);
    const flags = (is.mayBeScalar ? SCALAR | LIKELY : 0) | (is.fits ? FITTED : 0);
    this.#keep(set, { words, at: 0, offset, detail: flags, sum: room }, flags);
  };

  /** Numbers in such digits, by the bytes of their words. */
  jsEngineSets(size: number): ReadonlyMap<EngineReading, NumberSet> {
    return this.#jsEngineSets.get(size) ?? new Map<EngineReading, NumberSet>();
  }

  /** The octets of a text at `offset`; nothing where no curve has so many. */
  addText(octets: Buffer, offset: number, reading: TextReading, likely: boolean): void {
    const padded = padToWords(octets);
    const set = this.texts[reading].get(padded.length);
    const detail = likely ? SCALAR | LIKELY : SCALAR;
    const words = new Uint32Array(Uint8Array.from(padded).buffer);
    if (set) this.#keep(set, { words, at: 0, offset, detail, sum: 0 }, SCALAR | LIKELY);
  }

  /** Of no use any more. */
  release(): void {
    const long = [...this.inWords.values()].flatMap((sets) => [...sets.values()]);
    const texts = TEXT_ENCODINGS.flatMap((reading) => [...this.texts[reading].values()]);
    const engine = [...this.#jsEngineSets.values()].flatMap((sets) => [...sets.values()]);
    for (const set of [...this.bySize.values(), ...long, ...texts, ...engine]) set.release();
  }

  #keep(
    set: NumberSet,
    { words, at, offset, detail, sum }: Pick<NumberRecord, 'words' | 'at' | 'offset' | 'detail' | 'sum'>,
    flags: number,
  ): void {
    if (!set.addWords(words, at / 4, offset, detail & flags, sum))
      this.#shortfall.add('ec-numbers', 'numbers of a curve’s size were not kept', offset, offset + set.size);
  }
}
