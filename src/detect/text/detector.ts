import type { RE2JS } from 're2js';
import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { lazy } from '../../core/base/runtime/lazy.js';
import type { Rule } from '../../rules/types.js';
import type { CharacterSet } from '../core/needs.js';
import type { Detector, HitGroup, SecretCandidate } from '../core/types.js';
import { frontOf } from './front.js';
import { type Grade, grade, isChecked, keyOf } from './grade.js';
import { makeupOf, mayHold, type NeededCharacters } from './makeup.js';
import { type Cell, intersect, rowsOf, textNeeds } from './needs.js';
import { alphabetOf, continuesAfter, continuesBefore, type Group, isSet, readPattern } from './pattern.js';
import {
  boundaryStep,
  type Continued,
  matchStep,
  NO_MAKEUP,
  noMatch,
  outOfReach,
  windowStep,
} from './steps.js';
import { distinct, NOT_ADJACENT, placeOf, type TextWindow, textWindows } from './window.js';

/** A rule prepared at its first hit. Its pattern is compiled in the first window that may have a secret. */
interface Compiled {
  matcher: () => Matcher;
  makeup: NeededCharacters | undefined;
  alphabet: ReadonlySet<string>;
  /** Text anchors, longest first. The first one that a secret starts with is its issuer's prefix. */
  prefixes: string[];
  before: number;
  after: number;
}

const compiled = new WeakMap<Rule, Compiled>();

function compile(rule: Rule): Compiled {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const source = rule.pattern ?? '(?P<secret>)';
  const within = rule.near?.within ?? 0;
  const made: Compiled = {
    matcher: lazy(() => matcherOf(source)),
    makeup: makeupOf(source),
    alphabet: alphabetOf(source),
    prefixes: rule.anchors
      .filter((anchor) => anchor.text)
      .map((anchor) => Buffer.from(anchor.bytes).toString('latin1'))
      .sort((a, b) => b.length - a.length),
    before: Math.max(rule.window.before, within),
    after: Math.max(rule.window.after, within),
  };
  compiled.set(rule, made);
  return made;
}

/** A match with its issuer's prefix and what it is worth. */
export interface PatternMatch {
  start: number;
  end: number;
  prefix: string;
  grade: Grade;
}

/** End of the run of `alphabet` characters that starts at `from`. */
function endOfRun(text: string, from: number, alphabet: ReadonlySet<string>): number {
  let end = from;
  while (end < text.length && alphabet.has(text[end]!)) end++;
  return end;
}

/** True if one hit's own window would hold [start, end): the result must not depend on neighbouring hits. */
function isWithinReach(
  hits: TextWindow['hits'],
  start: number,
  end: number,
  { before, after }: Compiled,
): boolean {
  const first = partitionPoint(hits.length, (i) => hits[i]!.at + hits[i]!.length + after < end);
  return first < hits.length && start >= hits[first]!.at - before;
}

/** All secrets of one window, in one pass of the pattern. */
function* matches(
  window: TextWindow,
  { rule, view, explain }: HitGroup,
  use: Compiled,
): Iterable<PatternMatch> {
  const { text } = window;
  const begins = (start: number): boolean =>
    view.startsText?.(window.place(start, start + 1).offset) ?? false;
  const { alphabet, makeup } = use;
  let from = Math.max(0, window.hits[0]!.at - use.before);
  explain?.(windowStep(window));
  if (makeup !== undefined && !mayHold(text, from, makeup)) {
    explain?.(NO_MAKEUP);
    return;
  }
  const find = use.matcher();
  for (let found = 0; from <= text.length; found++) {
    const match = find(text, from);
    if (match === undefined) {
      explain?.(noMatch(from < text.length ? window.key(from) : undefined, found));
      return;
    }
    const { start, end } = match.secret;
    from = Math.max(match.start + 1, match.end);
    if (end <= start) continue;
    explain?.(matchStep(window.key(start), text.slice(start, end)));
    if (!isWithinReach(window.hits, match.start, match.end, use)) {
      explain?.(outOfReach(rule));
      continue;
    }
    const secret = text.slice(start, end);
    const prefix = use.prefixes.find((anchor) => secret.startsWith(anchor)) ?? '';
    let continued: Continued;
    if (rule.boundary === 'token') {
      if (continuesAfter(text, end, alphabet)) continued = 'after';
      else if (continuesBefore(text, start, end, alphabet, prefix !== '') && !begins(start))
        continued = 'before';
      explain?.(boundaryStep(continued, continued !== undefined && isChecked(rule, secret)));
    }
    if (continued !== undefined && !isChecked(rule, secret)) {
      // A later start in the same run may pass a checksum; without a checksum the run as a whole is no token.
      from = rule.checks.length > 0 ? match.start + 1 : Math.max(from, endOfRun(text, end, alphabet));
      continue;
    }
    yield { start, end, prefix, grade: grade(rule, secret, prefix, explain) };
  }
}

/** Issuer's prefix and length; the last four characters only if the rest stays unguessable. */
function preview(secret: string, prefix: string, checked: boolean): string {
  const tail = checked || secret.length >= 32 ? secret.slice(-4) : '';
  // `join` makes a flat string; concatenation makes a rope, which costs too much memory in a flood of
  // findings.
  return [prefix, '…', tail, ` (${secret.length})`].join('');
}

/** The candidate of a match in a window. */
export function textCandidate(group: HitGroup, window: TextWindow, match: PatternMatch): SecretCandidate {
  const { rule } = group;
  const { start, end, prefix } = match;
  const { checked, ...worth } = match.grade;
  const place = placeOf(group, window, start, end);
  if (place.notAdjacentInMemory && !checked) {
    worth.confidence = 'low';
    worth.notes.push(NOT_ADJACENT);
  }
  const secret = window.text.slice(start, end);
  const key = worth.notes.length > 0 ? undefined : keyOf(rule, secret);
  return {
    type: 'candidate',
    rule,
    ...place,
    secret: new Secret(Buffer.from(secret, 'latin1')),
    ...key,
    ...worth,
    partial: false,
    preview: preview(secret, prefix, checked),
  };
}

/**
 * The `text` detector: a rule's pattern around its anchors, in Latin-1 (UTF-8) and in UTF-16 of both byte
 * orders, then boundary, checksum, entropy and placeholder tests. Linear time: matching is linear and hits
 * share windows.
 */
export const textDetector: Detector = {
  name: 'text',
  needs: textNeeds,
  *examine(group) {
    const use = compile(group.rule);
    const windows = textWindows(group, use.before, use.after);
    for (const { window, found } of distinct(windows, (here) => matches(here, group, use)))
      yield textCandidate(group, window, found);
  },
};

/** A match and its group `secret`, as indices into the text. */
export interface Spans {
  start: number;
  end: number;
  secret: { start: number; end: number };
}

/** Finds the leftmost match at or after an index, in a text of one character per byte. */
type Matcher = (text: string, from: number) => Spans | undefined;

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
