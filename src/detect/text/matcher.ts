import type { RE2JS } from 're2js';
import { lazy } from '../../base/runtime/lazy.js';
import type { CharacterSet } from '../core/needs.js';
import { frontOf } from './front.js';
import { type Group, isSet, readPattern } from './pattern.js';
import { type Cell, meet, rowsOf } from './rows.js';

/** A match and its group `secret`, as indices into the text. */
export interface Spans {
  start: number;
  end: number;
  secret: { start: number; end: number };
}

/** Finds the first match from an index on, leftmost first, in a text of one character a byte. */
export type Matcher = (text: string, from: number) => Spans | undefined;

const re2 = lazy((require) => require('re2js') as typeof import('re2js'));

function linear(pattern: string): Matcher {
  // RE2JS reads a string by UTF-16 units, so that over Latin-1 an index is a byte; a Buffer it would read as UTF-8.
  const compiled = lazy((): RE2JS => re2().RE2JS.compile(pattern));
  const mayMatch = frontMatcher(pattern);
  return (text, from) => {
    // Loading RE2 and compiling a pattern take as long as all else that the first GiB of a dump asks of detectors.
    if (!mayMatch(text, from)) return undefined;
    const matcher = compiled().matcher(text);
    if (!matcher.find(from)) return undefined;
    const secret = { start: matcher.start('secret'), end: matcher.end('secret') };
    return { start: matcher.start(), end: matcher.end(), secret };
  };
}

/** False where nothing from an index on begins as a match does. */
export function frontMatcher(pattern: string): (text: string, from: number) => boolean {
  const group = readPattern(pattern);
  const expression = group && expressionOf(frontOf(group), 'g');
  if (expression === undefined) return () => true;
  return (text, from) => {
    expression.lastIndex = from;
    return expression.test(text);
  };
}

/** Ways to divide a text between a row's repetitions that may be tried in vain, for each start. */
const TRIES = 512;

/**
 * Ways in which the cells of a row can share a text, and the characters that are walked before it fails: what bounds
 * backtracking. A repetition at the end of the match never fails; one that can give no character to what follows fails once.
 */
function triesOf(row: readonly Cell[]): number {
  let tries = 1;
  row.forEach((cell, i) => {
    if (cell instanceof Uint8Array) return;
    if (cell.ambiguous) tries = Number.POSITIVE_INFINITY;
    const behind = row.slice(i + 1);
    const stop = behind.findIndex((next) => next instanceof Uint8Array || next.least > 0);
    const next = stop < 0 ? behind : behind.slice(0, stop + 1);
    const shared = next.some((one) => meet(cell.open, one instanceof Uint8Array ? one : one.open));
    if (shared) tries *= cell.most;
    else if (stop >= 0) tries = Math.max(tries, cell.most);
  });
  return tries;
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

/** The pattern for this engine's own expressions, which read `\\s` and `\\w` otherwise than RE2. */
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

/** This engine's own expression for a pattern; undefined where it might backtrack. */
function expressionOf(group: Group, flags: string): RegExp | undefined {
  const rows = rowsOf(group);
  if (rows === undefined || rows.some((row) => triesOf(row) > TRIES)) return undefined;
  return new RegExp(write(group), flags);
}

/** The pattern by this engine's own expressions, compiled a hundred times faster than RE2's; undefined where they might backtrack. */
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

/** Linear in the text for any pattern: dump bytes are hostile. */
export const matcherOf = (pattern: string): Matcher => plainMatcher(pattern) ?? linear(pattern);
