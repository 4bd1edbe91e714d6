import type { Anchor, Rule } from '../../rules/types.js';
import { latin1 } from '../core/needs.js';
import type { Detector, HitGroup } from '../core/types.js';
import { alphabetOf, continuesAfter, continuesBefore } from './boundary.js';
import { type PatternMatch, textCandidate } from './detector.js';
import { grade } from './grade.js';
import { textNeeds } from './needs.js';
import { isPlain, RowScan, readRows } from './row-scan.js';
import type { Cell } from './rows.js';
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
