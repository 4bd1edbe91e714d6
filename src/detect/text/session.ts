import type { Anchor, Rule } from '../../rules/types.js';
import { type CharacterSet, latin1 } from '../core/needs.js';
import type { Detector, HitGroup } from '../core/types.js';
import { type PatternMatch, textCandidate } from './detector.js';
import { grade } from './grade.js';
import { type Cell, intersect, rowsOf, textNeeds } from './needs.js';
import { alphabetOf, continuesAfter, continuesBefore, type Group, isSet, readPattern } from './pattern.js';
import { distinct, type TextWindow, textWindows } from './window.js';

/** An anchor inside a row of the pattern. */
interface AnchoredRow {
  row: readonly Cell[];
  /** Cell of the anchor's first character. */
  index: number;
}

interface Compiled {
  rows: ReadonlyMap<string, readonly AnchoredRow[]>;
  lead: number;
  alphabet: ReadonlySet<string>;
}

const compiled = new WeakMap<Rule, Compiled>();

/** The cells at which a row has the anchor as single characters. */
function* placesOf(row: readonly Cell[], { bytes }: Anchor): Generator<number> {
  for (let index = 0; index + bytes.length <= row.length; index++) {
    const fits = bytes.every((code, i) => {
      const cell = row[index + i];
      return cell instanceof Uint8Array && cell[code] === 1;
    });
    if (fits && isPlain(row, index)) yield index;
  }
}

function compile(rule: Rule): Compiled {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const pattern = rule.pattern ?? '';
  const { rows = [], lead = 0 } = readRows(pattern) ?? {};
  const anchored = rule.anchors.map((anchor): [string, AnchoredRow[]] => [
    latin1(anchor.bytes),
    rows.flatMap((row) => [...placesOf(row, anchor)].map((index) => ({ row, index }))),
  ]);
  const made = { rows: new Map(anchored), lead, alphabet: alphabetOf(pattern) };
  compiled.set(rule, made);
  return made;
}

/** The longest match at each hit that is not part of a longer text of its alphabet. */
function* matches({ text, hits }: TextWindow, rule: Rule, use: Compiled): Iterable<PatternMatch> {
  const { before, after } = rule.window;
  const scan = new RowScan(text);
  for (const { at, length } of hits) {
    let best: { start: number; end: number } | undefined;
    for (const { row, index } of use.rows.get(text.slice(at, at + length)) ?? []) {
      const found = scan.match(row, index, at);
      if (found === undefined || found.end - found.start <= (best ? best.end - best.start : 0)) continue;
      // A window that hits share is larger than that of one hit: the result must not depend on the others.
      if (found.start < at - before || found.end > at + length + after) continue;
      const start = found.start + use.lead;
      if (continuesAfter(text, found.end, use.alphabet)) continue;
      if (use.lead === 0 && continuesBefore(text, start, found.end, use.alphabet, false)) continue;
      best = { start, end: found.end };
    }
    if (best === undefined) continue;
    yield { ...best, prefix: '', grade: grade(rule, text.slice(best.start, best.end), '') };
  }
}

/**
 * The `session` detector: long tokens of sessions. Like `text`, but its pattern is matched around each anchor
 * and not searched for, so that thousands of characters need no automaton.
 */
export const session: Detector = {
  name: 'session',
  bytesOfHit: 64,
  needs: textNeeds,
  *examine(group: HitGroup) {
    const { rule } = group;
    const use = compile(rule);
    const windows = textWindows(group, rule.window.before, rule.window.after);
    for (const { window, found } of distinct(windows, (here) => matches(here, rule, use)))
      yield { ...textCandidate(group, window, found), encoding: 'session' };
  },
};

/** A pattern for {@link RowScan}: its rows, and the characters of every match before the group `secret`. */
interface RowPattern {
  rows: readonly (readonly Cell[])[];
  lead: number;
}

function leadOf({ alternatives: [items = [], ...more] }: Group): number | undefined {
  const lead = items.length - 1;
  const last = items[lead]?.node;
  const single = items.slice(0, lead).every(({ node, min, max }) => isSet(node) && min === 1 && max === 1);
  return more.length === 0 && last !== undefined && !isSet(last) && last.secret && single ? lead : undefined;
}

/** Reads a pattern of single characters and then the group `secret`; undefined for any other. */
export function readRows(pattern: string): RowPattern | undefined {
  const group = readPattern(pattern);
  const lead = group && leadOf(group);
  const rows = group && rowsOf(group);
  return lead === undefined || rows === undefined ? undefined : { rows, lead };
}

const isOpen = (cell: Cell): cell is Exclude<Cell, CharacterSet> => !(cell instanceof Uint8Array);

/** Cells up to the first that cannot be empty. */
function* neighbours(cells: readonly Cell[]): Generator<Cell> {
  for (const cell of cells) {
    yield cell;
    if (!isOpen(cell) || cell.least > 0) return;
  }
}

/**
 * True if every repetition ends where its characters end, so that no match from the cell `index` outwards
 * needs a second try.
 */
function isPlain(row: readonly Cell[], index: number): boolean {
  return row.every((cell, i) => {
    if (!isOpen(cell)) return true;
    const outwards = i < index ? row.slice(0, i).reverse() : row.slice(i + 1);
    const shares = [...neighbours(outwards)].some((next) =>
      intersect(cell.open, isOpen(next) ? next.open : next),
    );
    return !cell.ambiguous && !shares;
  });
}

/** The last run of a set in a text: hits of one run must not read it again each. */
interface Run {
  start: number;
  end: number;
}

/** Matches rows around a given place of a text, without a search: linear in the text for ascending places. */
export class RowScan {
  readonly #text: string;
  readonly #runs = new Map<CharacterSet, Run>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The match of a row whose cell `index` is at `at`. */
  match(row: readonly Cell[], index: number, at: number): { start: number; end: number } | undefined {
    let end = at;
    for (let i = index; i < row.length; i++) {
      const next = this.#step(row[i]!, end, 1);
      if (next === undefined) return undefined;
      end = next;
    }
    let start = at;
    for (let i = index - 1; i >= 0; i--) {
      const next = this.#step(row[i]!, start, -1);
      if (next === undefined) return undefined;
      start = next;
    }
    return { start, end };
  }

  /** The end of a cell that starts at `at`, or its start if it ends there. */
  #step(cell: Cell, at: number, direction: 1 | -1): number | undefined {
    if (cell instanceof Uint8Array) {
      const next = direction === 1 ? at : at - 1;
      return this.#has(cell, next) ? at + direction : undefined;
    }
    const run = this.#runAt(cell.open, at);
    const next = direction === 1 ? run.end : run.start;
    const length = Math.abs(next - at);
    return length >= cell.least && length <= cell.most ? next : undefined;
  }

  #has(set: CharacterSet, at: number): boolean {
    return at >= 0 && at < this.#text.length && set[this.#text.charCodeAt(at)] === 1;
  }

  /** The longest run of the set around a place between two characters. */
  #runAt(set: CharacterSet, at: number): Run {
    const known = this.#runs.get(set);
    if (known !== undefined && known.start <= at && at <= known.end) return known;
    let [start, end] = [at, at];
    while (this.#has(set, end)) end++;
    while (this.#has(set, start - 1)) start--;
    const run = { start, end };
    this.#runs.set(set, run);
    return run;
  }
}
