import type { NumberRecord } from '../noise/records.js';
import { NumberSet } from './number-set.js';
import { WORD_READINGS } from './readings.js';
import type { Shortfall } from './shortfall.js';
import type { WordReading } from './types.js';

/** Flags of a number: it may be a scalar, and likely is one that has an object of its own. */
export const SCALAR = 1;
export const LIKELY = 2;

/** Octets of the numbers whose words are all random, as they stand. */
const SIZES = [32, 48] as const;

/** P-521: 66 octets, of which the first has one bit; kept as nine little-endian words. */
const LONG = 72;

/**
 * Numbers of a curve's size that may be a coordinate or a private scalar: those at the start of a run, and the one behind it
 * (src/noise/kernel/scalars.as.ts).
 */
export class CurveNumbers {
  /** As they stand, by octets; any reading is possible. */
  readonly bySize: ReadonlyMap<number, NumberSet> = new Map(SIZES.map((size) => [size, new NumberSet(size)]));
  /** 521 bits, by the reading that fits, all turned into nine little-endian words. */
  readonly long: ReadonlyMap<WordReading, NumberSet> = new Map(
    WORD_READINGS.map((reading) => [reading, new NumberSet(LONG)]),
  );
  readonly #shortfall: Shortfall;

  constructor(shortfall: Shortfall) {
    this.#shortfall = shortfall;
  }

  addWhole(record: NumberRecord): void {
    this.#keep(this.bySize.get(record.size)!, record);
  }

  addLong(record: NumberRecord): void {
    this.#keep(this.long.get(WORD_READINGS[record.detail >> 2]!)!, record);
  }

  #keep(set: NumberSet, { bytes, at, offset, detail }: NumberRecord): void {
    if (!set.add(bytes, at, offset, detail & (SCALAR | LIKELY)))
      this.#shortfall.add('ec-numbers', 'numbers of a curve’s size were not kept', offset, offset + set.size);
  }
}
