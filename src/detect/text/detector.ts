import { partitionPoint } from '../../base/bytes/binary-search.js';
import { Secret } from '../../base/crypto/secret.js';
import { lazy } from '../../base/runtime/lazy.js';
import type { Rule } from '../../rules/types.js';
import type { Candidate, Detector, HitGroup } from '../core/types.js';
import { alphabetOf, gluedAfter, gluedBefore } from './boundary.js';
import { type Grade, grade, isChecked, keyOf } from './grade.js';
import { type Makeup, makeupOf, mayHold } from './makeup.js';
import { type Matcher, matcherOf } from './matcher.js';
import { textNeeds } from './needs.js';
import { adjacentInMemory, distinct, type TextWindow, textWindows } from './window.js';

/** A rule at its first hit; its pattern is compiled where the first window may hold a secret. */
interface Compiled {
  matcher: () => Matcher;
  makeup: Makeup | undefined;
  alphabet: ReadonlySet<string>;
  /** Text anchors, longest first: the one that a secret starts with is its issuer's prefix. */
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

interface Match {
  start: number;
  end: number;
  prefix: string;
  grade: Grade;
}

/** Index of the first character from `from` on that is not of the alphabet. */
function endOfRun(text: string, from: number, alphabet: ReadonlySet<string>): number {
  let end = from;
  while (end < text.length && alphabet.has(text[end]!)) end++;
  return end;
}

/** Whether [start, end) lies in what one hit's own window would be: the answer must not depend on its neighbours. */
function calledBy(
  hits: TextWindow['hits'],
  start: number,
  end: number,
  { before, after }: Compiled,
): boolean {
  // The first hit that is not too far before the match.
  const first = partitionPoint(hits.length, (i) => hits[i]!.at + hits[i]!.length + after < end);
  return first < hits.length && start >= hits[first]!.at - before;
}

/** All secrets of one window: one pass of the pattern, whatever the number of hits. */
function* matches(window: TextWindow, { rule, view }: HitGroup, use: Compiled): Iterable<Match> {
  const { text } = window;
  const begins = (start: number): boolean =>
    view.startsText?.(window.place(start, start + 1).offset) ?? false;
  const { alphabet, makeup } = use;
  let from = Math.max(0, window.hits[0]!.at - use.before);
  if (makeup !== undefined && !mayHold(text, from, makeup)) return;
  const find = use.matcher();
  while (from <= text.length) {
    const match = find(text, from);
    if (match === undefined) return;
    const { start, end } = match.secret;
    from = Math.max(match.start + 1, match.end);
    if (end <= start || !calledBy(window.hits, match.start, match.end, use)) continue;
    const secret = text.slice(start, end);
    const prefix = use.prefixes.find((anchor) => secret.startsWith(anchor)) ?? '';
    const glued =
      rule.boundary === 'token' &&
      (gluedAfter(text, end, alphabet) ||
        (gluedBefore(text, start, end, alphabet, prefix !== '') && !begins(start)));
    if (glued && !isChecked(rule, secret)) {
      // With a check a later start in the same run may still pass; without one the run as a whole is no token.
      from = rule.checks.length > 0 ? match.start + 1 : Math.max(from, endOfRun(text, end, alphabet));
      continue;
    }
    yield { start, end, prefix, grade: grade(rule, secret, prefix) };
  }
}

/** Issuer's prefix and length; the last four characters only of what stays unguessable without them. */
function preview(secret: string, prefix: string, checked: boolean): string {
  const tail = checked || secret.length >= 32 ? secret.slice(-4) : '';
  // Joined, so that it is one string and not a tree of its parts, which a flood of findings has no room for.
  return [prefix, '…', tail, ` (${secret.length})`].join('');
}

function candidate(group: HitGroup, window: TextWindow, match: Match): Candidate {
  const { rule, view, order } = group;
  const { start, end, prefix } = match;
  const { checked, ...worth } = match.grade;
  const place = window.place(start, end);
  const notAdjacentInMemory = order === 'file' && !adjacentInMemory(view, place.offset, place.length);
  if (notAdjacentInMemory && !checked) {
    worth.confidence = 'low';
    worth.notes.push('whole only in file order: its parts are not neighbours in memory');
  }
  const secret = window.text.slice(start, end);
  const key = worth.notes.length > 0 ? undefined : keyOf(rule, secret);
  return {
    type: 'candidate',
    rule,
    ...place,
    notAdjacentInMemory,
    secret: new Secret(Buffer.from(secret, 'latin1')),
    ...key,
    ...worth,
    partial: false,
    preview: preview(secret, prefix, checked),
  };
}

/**
 * The `text` detector: a rule's pattern around its anchors, in Latin-1 (UTF-8) and UTF-16 of both byte orders, then
 * boundary, checks, entropy and placeholders. Linear in the windows: RE2 matches in linear time, and windows are shared.
 */
export const textDetector: Detector = {
  name: 'text',
  needs: textNeeds,
  *examine(group) {
    const use = compile(group.rule);
    const windows = textWindows(group, use.before, use.after);
    for (const { window, found } of distinct(windows, (here) => matches(here, group, use)))
      yield candidate(group, window, found);
  },
};
