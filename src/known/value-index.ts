import type { Secret } from '../base/crypto/secret.js';

/** Bytes at the end of a value by which it is found; values that are shorter are not looked for. */
export const VALUE_KEY = 8;
/** Comparisons with values, in all and for each byte that is searched. */
const LEAST_WORK = 1000;

/** Some values, to be found in many texts in one pass each. */
export class ValueIndex {
  /** By the last bytes: all values that end so. */
  readonly #byEnd = new Map<number, Uint8Array[]>();
  /** One bit for each end of 16 bits. */
  readonly #map = new Uint8Array(2 ** 13);

  constructor(values: readonly Secret[]) {
    for (const secret of values) {
      const value = secret.reveal();
      const end = value.length;
      if (end < VALUE_KEY) continue;
      const last = value[end - 1]! | (value[end - 2]! << 8);
      this.#map[last >> 3]! |= 1 << (last & 7);
      const key = keyAt(value, end);
      const same = this.#byEnd.get(key);
      if (same) same.push(value);
      else this.#byEnd.set(key, [value]);
    }
  }

  /**
   * True if a text has one of the values. A text also counts as having one where comparing it with all whose
   * ends it has would take too long.
   */
  isIn(bytes: Uint8Array): boolean {
    for (const _place of this.places(bytes)) return true;
    return false;
  }

  /** Where values are: [start, end). One place is the whole text where comparing would take too long. */
  *places(bytes: Uint8Array): Generator<readonly [start: number, end: number]> {
    if (this.#byEnd.size === 0) return;
    let work = LEAST_WORK + bytes.length;
    const next = (from: number): number => this.#nextEnd(bytes, from);
    for (let end = next(VALUE_KEY); end <= bytes.length; end = next(end + 1))
      for (const value of this.#byEnd.get(keyAt(bytes, end)) ?? []) {
        if (--work < 0) return yield [0, bytes.length];
        if (endsWith(bytes, end, value)) yield [end - value.length, end];
      }
  }

  /** The next index at which a value may end, from one on: no generator, which would be slow. */
  #nextEnd(bytes: Uint8Array, from: number): number {
    const map = this.#map;
    let last = bytes[from - 2]!;
    for (let end = from; end <= bytes.length; end++) {
      last = ((last << 8) | bytes[end - 1]!) & 0xffff;
      if ((map[last >> 3]! & (1 << (last & 7))) !== 0) return end;
    }
    return bytes.length + 1;
  }
}

/** The eight bytes before an index, as one number of 52 bits. */
export function keyAt(bytes: Uint8Array, end: number): number {
  let low = 0;
  let high = 0;
  for (let back = 1; back <= 4; back++) low = (low << 8) | bytes[end - back]!;
  for (let back = 5; back <= VALUE_KEY; back++) high = (high << 8) | bytes[end - back]!;
  return (low >>> 0) * 2 ** 20 + ((high ^ (high >>> 12)) & 0xfffff);
}

function endsWith(bytes: Uint8Array, end: number, value: Uint8Array): boolean {
  const from = end - value.length;
  return from >= 0 && Buffer.compare(bytes.subarray(from, end), value) === 0;
}
