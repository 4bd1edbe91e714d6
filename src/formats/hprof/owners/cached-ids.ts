import type { IdTable } from './id-table.js';

const BITS = 9;

/**
 * Numbers of the identifiers of a table that were asked for last, as a direct-mapped cache: objects have some
 * hundred classes, and neighbours are seldom of one.
 */
export class CachedIds {
  readonly #table: IdTable;
  readonly #high = new Uint32Array(2 ** BITS);
  readonly #low = new Uint32Array(2 ** BITS);
  readonly #index = new Int32Array(2 ** BITS).fill(-1);

  constructor(table: IdTable) {
    this.#table = table;
  }

  /** The number of an identifier, or -1. */
  indexOf(high: number, low: number): number {
    const place = Math.imul(low >>> 3, 0x9e3779b1) >>> (32 - BITS);
    if (this.#low[place] === low && this.#high[place] === high && this.#index[place]! >= 0)
      return this.#index[place]!;
    const index = this.#table.indexOf(high, low);
    this.#low[place] = low;
    this.#high[place] = high;
    this.#index[place] = index;
    return index;
  }
}
