import type { RE2JS } from 're2js';
import { lazy } from '../../core/base/runtime/lazy.js';
import type { CharacterSet } from '../core/needs.js';
import { frontOf } from './front.js';
import { type Group, isSet, readPattern } from './pattern.js';
import { type Cell, intersect, rowsOf } from './rows.js';

/** A match and its group `secret`, as indices into the text. */
export interface Spans {
  start: number;
  end: number;
  secret: { start: number; end: number };
}

/** Finds the leftmost match at or after an index, in a text of one character per byte. */
export type Matcher = (text: string, from: number) => Spans | undefined;

const re2 = lazy((require) => require('re2js') as typeof import('re2js'));

function linear(pattern: string): Matcher {
  // RE2JS matches UTF-16 units of a string (over Latin-1, an index is a byte), but UTF-8 in a Buffer.
  const compiled = lazy((): RE2JS => re2().RE2JS.compile(pattern));
  const mayMatch = frontMatcher(pattern);
  return (text, from) => {
    // Loading RE2 and compiling one pattern takes as long as all other detection in the first GiB of a dump.
    if (!mayMatch(text, from)) return undefined;
    const matcher = compiled().matcher(text);
    if (!matcher.find(from)) return undefined;
    const secret = { start: matcher.start('secret'), end: matcher.end('secret') };
    return { start: matcher.start(), end: matcher.end(), secret };
  };
}

/** False if no match can start at or after an index, judging by the pattern's prefix. */
export function frontMatcher(pattern: string): (text: string, from: number) => boolean {
  const group = readPattern(pattern);
  const expression = group && expressionOf(frontOf(group), 'g');
  if (expression === undefined) return () => true;
  return (text, from) => {
    expression.lastIndex = from;
    return expression.test(text);
  };
}

/** Upper bound on backtracking steps per start of a match. */
const MAX_STEPS = 512;

/**
 * Upper bound on the backtracking steps of a row. A repetition multiplies them only if it shares a
 * character with what follows it; otherwise it fails once, and at the end of the match never.
 */
function stepsOf(row: readonly Cell[]): number {
  let steps = 1;
  row.forEach((cell, i) => {
    if (cell instanceof Uint8Array) return;
    if (cell.ambiguous) steps = Number.POSITIVE_INFINITY;
    const after = row.slice(i + 1);
    const stop = after.findIndex((next) => next instanceof Uint8Array || next.least > 0);
    const next = stop < 0 ? after : after.slice(0, stop + 1);
    const shared = next.some((one) => intersect(cell.open, one instanceof Uint8Array ? one : one.open));
    if (shared) steps *= cell.most;
    else if (stop >= 0) steps = Math.max(steps, cell.most);
  });
  return steps;
}

const code = (value: number): string => `\\x${value.toString(16).padStart(2, '0')}`;

function writeSet(set: CharacterSet): string {
  let spelt = '';
  for (let from = 0; from < 256; from++) {
    if (set[from] !== 1) continue;
    let to = from;
    while (set[to + 1] === 1) to++;
    spelt += to > from ? `${code(from)}-${code(to)}` : code(from);
    from = to;
  }
  return `[${spelt}]`;
}

/** A pattern as a JavaScript expression; sets are spelt out, since `\\s` and `\\w` differ from RE2. */
function write({ alternatives, secret }: Group): string {
  const rows = alternatives.map((items) =>
    items
      .map(({ node, min, max }) => {
        const spelt = isSet(node) ? writeSet(node) : write(node);
        return min === 1 && max === 1
          ? spelt
          : `${spelt}{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}`;
      })
      .join(''),
  );
  return `(${secret ? '?<secret>' : '?:'}${rows.join('|')})`;
}

const hasLazy = ({ alternatives }: Group): boolean =>
  alternatives.flat().some(({ node, lazy: few }) => few || (!isSet(node) && hasLazy(node)));

/** The JavaScript expression of a pattern; undefined if it may backtrack. */
function expressionOf(group: Group, flags: string): RegExp | undefined {
  const rows = rowsOf(group);
  if (rows === undefined || rows.some((row) => stepsOf(row) > MAX_STEPS)) return undefined;
  return new RegExp(write(group), flags);
}

/**
 * Matcher by JavaScript expression, which compiles 100 times faster than RE2; undefined if it may backtrack.
 */
export function plainMatcher(pattern: string): Matcher | undefined {
  const group = readPattern(pattern);
  if (group === undefined || hasLazy(group)) return undefined;
  const expression = expressionOf(group, 'dg');
  if (expression === undefined) return undefined;
  return (text, from) => {
    expression.lastIndex = from;
    const found = expression.exec(text);
    if (found === null) return undefined;
    const [start, end] = found.indices?.groups?.secret ?? [0, 0];
    return { start: found.index, end: found.index + found[0].length, secret: { start, end } };
  };
}

/** Linear in the text for every pattern: dump bytes are hostile. */
export const matcherOf = (pattern: string): Matcher => plainMatcher(pattern) ?? linear(pattern);
