import { lowerBound } from '../core/base/bytes/binary-search.js';
import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { HitList } from './hits.js';
import { NameKernel } from './name-kernel.js';
import type { KeptRuns } from './types.js';
import { type Tables, unpackTables } from './values/tables.js';
import { ValueJoin } from './values/value-join.js';
import { CONTEXT, isCutRun, isWideRun, runLength } from './values/value-run.js';

/** The tables of the rules used last on this thread. */
let prepared: { names: SharedArrayBuffer; tables: Tables; kernel: NameKernel } | undefined;
wipeAfterRuns(() => prepared?.kernel.wipe());

function prepare(names: SharedArrayBuffer) {
  if (prepared?.names !== names) {
    const tables = unpackTables(new Uint8Array(names));
    prepared = { names, tables, kernel: new NameKernel(tables) };
  }
  return prepared;
}

/** Drops values without a name. One whose surroundings are not known stays. */
export class ValueFilter {
  readonly #names: SharedArrayBuffer;
  readonly #seams: Float64Array | undefined;
  readonly #join = new ValueJoin();

  /** `seams`: as in SweepOptions; without them the surroundings of a value are those in the file. */
  constructor(names: SharedArrayBuffer, seams: Float64Array | undefined) {
    this.#names = names;
    this.#seams = seams;
  }

  /**
   * Filters the values from index `first` on; arguments as of the hit filter. `kept` takes the random runs
   * whose owners the format is asked for after the sweep.
   */
  apply(
    values: HitList,
    first: number,
    bytes: Uint8Array,
    at: number,
    base: number,
    kept?: { runs: HitList; which: KeptRuns },
  ): Pausing<never> {
    const { tables, kernel } = prepare(this.#names);
    return values.keep(first, (offset, id) => {
      const start = offset - base;
      const stride = isWideRun(id) ? 2 : 1;
      const length = runLength(id);
      const context = stride * CONTEXT;
      const isOpen =
        isCutRun(id) || this.#seamIn(at + start - context, at + start + stride * length + context);
      const isNamed =
        !isOpen &&
        kernel.mayHaveName(bytes, start, stride) &&
        this.#join.joins(bytes, start, length, stride, tables);
      if (kept !== undefined && (!isNamed || kept.which === 'all')) kept.runs.push(offset, id);
      return isOpen || isNamed;
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
