import type { Explain } from '../../core/base/text/steps.js';
import { type Accepts, NameSearch } from './name-search.js';
import { NarrowedRun } from './narrow.js';
import { SHAPE_WORDS } from './place.js';
import { looksRandom } from './random.js';
import type { Tables } from './tables.js';
import { CONTEXT } from './value-run.js';

/** A value that is joined with a row of the tables. */
export interface JoinedValue {
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
  /** The name says little: `key`. */
  weak: boolean;
}

/** Characters of a name of which the last are read. */
const LONGEST_NAME = CONTEXT - 1;

/** Joins values with the names beside them. Its arrays are reused by each join. */
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
  ): JoinedValue | undefined {
    const search = this.#search;
    search.tables = tables;
    search.accepts = accepts;
    search.steps.explain = explain;
    const joined = search.run(text, start, end, text.length);
    search.steps.explain = undefined;
    return joined ? this.#joined() : undefined;
  }

  /**
   * Joins a value of one byte a character with the name of what holds it. Places in the result count from the
   * start of `NAME=VALUE`, which `accepts` is asked about.
   */
  joinOwned(
    name: string,
    value: Uint8Array,
    tables: Tables,
    accepts: (text: Uint8Array) => Accepts,
  ): JoinedValue | undefined {
    const search = this.#search;
    const front = Buffer.from(`${name.slice(-LONGEST_NAME)}=`);
    const text = Buffer.concat([front, value]);
    search.tables = tables;
    search.accepts = accepts(text);
    return search.runOwned(text, front.length) ? this.#joined() : undefined;
  }

  /** True if {@link joinOwned} may join some value with the name. */
  mayName(name: Uint8Array, tables: Tables): boolean {
    this.#search.tables = tables;
    return this.#search.mayName(name);
  }

  #joined(): JoinedValue {
    const { rule, valueStart, valueEnd, medium, direct, nameStart, nameEnd, context, place, weak } =
      this.#search;
    return {
      ...{ rule, start: valueStart, end: valueEnd, weak },
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

/** Characters of a name that are shown. */
const MOST = 64;
/** Characters from which on the pairs of a piece tell whether it is random. */
const LEAST_RANDOM = 12;
/** Words of a piece, on average, in characters: random text has shorter ones. */
const SHORT = { words: 4, length: 3 };
/** Digits of a piece in a row: a year, a port; not the number of an account. */
const MOST_DIGITS = 5;

const WORDS = /[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g;

/** True for a piece of a name that no one has chosen: part of another secret, an id. */
function isRandom(piece: string): boolean {
  const words = piece.match(WORDS) ?? [];
  const numbers = words.filter((word) => word <= '9');
  if (numbers.length > 1 || numbers.some((number) => number.length > MOST_DIGITS)) return true;
  if (words.length >= SHORT.words && piece.length < SHORT.length * words.length) return true;
  const { length } = piece;
  return length >= LEAST_RANDOM && looksRandom(Buffer.from(piece, 'latin1'), 0, length, 1);
}

/** A name with `…` in place of random pieces, which may be part of another secret. */
export const withoutRandom = (name: string): string =>
  name.replace(/[A-Za-z0-9]+/g, (piece) => (isRandom(piece) ? '…' : piece));

/** The name of a value as reports show it, of `[A-Za-z0-9_.-]` and `…` for random pieces. */
export function shownName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const shown = text.replace(/[A-Za-z0-9]+/g, (piece) => (isRandom(piece) ? '\0' : piece));
  return shown
    .slice(0, MOST)
    .replace(/[^A-Za-z0-9_.\0-]+/g, '-')
    .replaceAll('\0', '…');
}
