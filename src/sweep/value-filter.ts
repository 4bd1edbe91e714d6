import { lowerBound } from '../base/bytes/binary-search.js';
import type { Pausing } from '../base/runtime/turns.js';
import { type Tables, unpackTables } from '../values/tables.js';
import { ValueJoin } from '../values/value-join.js';
import { CONTEXT, isCutRun, isWideRun, runLength } from '../values/value-run.js';
import type { HitList } from './hits.js';

/** Drops values without a name. One whose surroundings are not known stays. */
export class ValueFilter {
  readonly #names: SharedArrayBuffer;
  readonly #seams: Float64Array | undefined;
  readonly #join = new ValueJoin();
  #tables: Tables | undefined;

  /** `seams`: as in SweepOptions; without them the surroundings of a value are those in the file. */
  constructor(names: SharedArrayBuffer, seams: Float64Array | undefined) {
    this.#names = names;
    this.#seams = seams;
  }

  /**
   * Filters the values from index `first` on; arguments as of the hit filter. `all` takes each of them:
   * whether the name beside one is its own may be known only when the whole dump is.
   */
  apply(
    values: HitList,
    first: number,
    bytes: Uint8Array,
    at: number,
    base: number,
    all?: HitList,
  ): Pausing<never> {
    this.#tables ??= unpackTables(new Uint8Array(this.#names));
    const tables = this.#tables;
    return values.keep(first, (offset, id) => {
      all?.push(offset, id);
      if (isCutRun(id)) return true;
      const start = offset - base;
      const stride = isWideRun(id) ? 2 : 1;
      const length = runLength(id);
      const context = stride * CONTEXT;
      if (this.#seamIn(at + start - context, at + start + stride * length + context)) return true;
      return this.#join.joins(bytes, start, length, stride, tables);
    });
  }

  /** Does one lie in [from, to]? */
  #seamIn(from: number, to: number): boolean {
    const seams = this.#seams;
    if (seams === undefined) return false;
    const next = lowerBound(seams, from);
    return next < seams.length && seams[next]! <= to;
  }
}
