import type { Explain } from '../base/text/steps.js';
import { type Accepts, NameSearch } from './name-search.js';
import { NarrowedRun } from './narrow.js';
import { SHAPE_WORDS } from './place.js';
import { shownName } from './shown-name.js';
import type { Tables } from './tables.js';

/** A value that is joined with a row of the tables. */
export interface Joined {
  /** Index of the rule. */
  rule: number;
  /** The whole value in the text. */
  start: number;
  end: number;
  confidence: 'medium' | 'low';
  /** Description in a report: `an environment entry`. */
  shape: string;
  /** The name, at most 64 characters `[A-Za-z0-9_.-]`, `…` for random pieces. */
  name: string;
}

/** Joins values with the names beside them. It keeps what a join works with: each thread has one. */
export class ValueJoin {
  readonly #search = new NameSearch();
  readonly #narrowed = new NarrowedRun();

  /** Joins the run [start, end) of `text`, one byte a character, with a name before it. */
  join(
    text: Uint8Array,
    start: number,
    end: number,
    tables: Tables,
    accepts?: Accepts,
    explain?: Explain,
  ): Joined | undefined {
    const search = this.#search;
    search.tables = tables;
    search.accepts = accepts;
    search.steps.explain = explain;
    const joined = search.run(text, start, end, text.length);
    search.steps.explain = undefined;
    if (!joined) return undefined;
    const { rule, valueStart, valueEnd, medium, direct, nameStart, nameEnd, context, place } = search;
    return {
      ...{ rule, start: valueStart, end: valueEnd },
      confidence: medium ? 'medium' : 'low',
      shape: SHAPE_WORDS[direct ? place.shape : 'none'],
      name: shownName(context.bytes.subarray(nameStart, nameEnd)),
    };
  }

  /**
   * False if {@link join} joins nothing with the run of `length` characters at `offset`, of `stride` bytes
   * each. Patterns of services count as matched. Allocates nothing where it refuses.
   */
  joins(bytes: Uint8Array, offset: number, length: number, stride: 1 | 2, tables: Tables): boolean {
    const search = this.#search;
    search.tables = tables;
    search.accepts = undefined;
    if (stride === 1) return search.run(bytes, offset, offset + length, bytes.length);
    const run = this.#narrowed;
    run.read(bytes, offset, length);
    return search.run(run.text, run.start, run.end, run.length);
  }
}
