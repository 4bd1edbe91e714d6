import { describe, expect, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { frontMatcher, matcherOf, plainMatcher, type Spans } from '../../src/detect/text/detector.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import fc, { cases } from '../support/property.js';
import { textOf } from './pattern-text.js';

const patterns = loadBuiltin().flatMap(({ id, pattern, detector }) =>
  pattern === undefined || detector !== 'text' ? [] : [[id, pattern] as const],
);

/** All matches in order. */
function all(text: string, next: (from: number) => Spans | undefined): Spans[] {
  const found: Spans[] = [];
  for (let from = 0; from <= text.length; ) {
    const match = next(from);
    if (match === undefined) break;
    found.push(match);
    from = Math.max(match.start + 1, match.end);
  }
  return found;
}

function byRe2(pattern: string, text: string): Spans[] {
  const matcher = RE2JS.compile(pattern).matcher(text);
  return all(text, (from) =>
    matcher.find(from)
      ? {
          start: matcher.start(),
          end: matcher.end(),
          secret: { start: matcher.start('secret'), end: matcher.end('secret') },
        }
      : undefined,
  );
}

/** Matching texts with characters dropped, doubled or changed, among characters of the pattern. */
const texts = (pattern: string) =>
  fc
    .tuple(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
        minLength: 600,
        maxLength: 600,
      }),
      fc.array(fc.tuple(fc.nat(400), fc.constantFrom('', '=', '.', '-', 'a', ' ', '\xa0', '\x0b')), {
        maxLength: 3,
      }),
      fc.constantFrom('', ' ', 'A', '\xff', '_'),
    )
    .map(([dice, changes, between]) => {
      let next = 0;
      const roll = () => dice[next++ % dice.length]!;
      let text = between + textOf(pattern, roll).text + between + textOf(pattern, roll).text;
      for (const [at, by] of changes) text = text.slice(0, at) + by + text.slice(at + 1);
      return text;
    });

describe('a pattern as a JavaScript expression', () => {
  test('exists for nearly all rules', () => {
    const others = patterns.filter(([, pattern]) => plainMatcher(pattern) === undefined);
    expect(others.map(([id]) => id)).toEqual([
      'private-key-base64',
      'cosign-key',
      'github-app-token',
      'google-access-token',
      'gcloud-access-token',
      'google-service-account-key',
    ]);
  });

  test.each(patterns.filter(([, pattern]) => plainMatcher(pattern)))(
    '%s matches what RE2 matches',
    (_id, pattern) => {
      const find = plainMatcher(pattern)!;
      fc.assert(
        fc.property(texts(pattern), (text) => {
          expect(all(text, (from) => find(text, from))).toEqual(byRe2(pattern, text));
        }),
        { numRuns: cases(25) },
      );
    },
  );

  test.each([
    ['(?P<secret>(?:ab|a){2,9}c)', 'a repeated group that begins in two ways alike'],
    ['(?P<secret>[a-z]+[a-y]+z)', 'repetitions that share characters'],
    ['(?P<secret>k[a-z]+\\.)', 'a repetition without end before something else'],
    ['(?P<secret>[a-z]{1,900}\\.)', 'a long one'],
    ['(?P<secret>ab??)', 'a lazy quantifier'],
    ['(?P<secret>[a-c]{1,20}[a-z]{1,40}[b-d]{1,20}x)', 'many ways to share'],
  ])('does not exist for %s: %s', (pattern) => {
    expect(plainMatcher(pattern)).toBeUndefined();
  });

  test('has the white space of RE2', () => {
    const find = plainMatcher('k\\s{1,3}(?P<secret>[\\w\\s]{2})')!;
    expect(find('k\xa0ab', 0)).toBeUndefined();
    expect(find('k\x0bab', 0)).toBeUndefined();
    expect(find('xk \tab', 0)).toEqual({ start: 1, end: 6, secret: { start: 4, end: 6 } });
  });
});

describe('the prefix of a pattern', () => {
  const unplain = patterns.filter(([, pattern]) => plainMatcher(pattern) === undefined);

  test.each(unplain)('%s matches wherever RE2 finds the pattern', (_id, pattern) => {
    const mayMatch = frontMatcher(pattern);
    const find = matcherOf(pattern);
    fc.assert(
      fc.property(texts(pattern), fc.nat(80), (text, from) => {
        const matcher = RE2JS.compile(pattern).matcher(text);
        const found = matcher.find(from);
        if (found) expect(mayMatch(text, from)).toBe(true);
        expect(find(text, from)?.start).toBe(found ? matcher.start() : undefined);
      }),
      { numRuns: cases(50) },
    );
  });

  test.each([
    ['(?P<secret>ab[0-9]{2,}c)', ['ab12', 'ab123c'], ['ab1c', 'b12']],
    ['a(?P<secret>(?:b|c[0-9]+)d)x', ['abd', 'ac1'], ['ac', 'bd']],
    ['a(?:b[0-9]+)*(?P<secret>c)', ['ac', 'a'], ['c']],
    ['a{100,}(?P<secret>b)', ['a'.repeat(64)], ['a'.repeat(63)]],
    ['a{0,100}b(?P<secret>c)', ['', 'bc'], []],
    ['a(?P<secret>(?:b?c)?d)e', ['acde'], ['abde', 'acd']],
  ])('of %s', (pattern, fronts, others) => {
    const mayMatch = frontMatcher(pattern);
    expect(fronts.filter((text) => !mayMatch(`-${text}`, 1))).toEqual([]);
    expect(others.filter((text) => mayMatch(`-${text}`, 1))).toEqual([]);
    expect(fronts.some((text) => text !== '' && mayMatch(`${text}-`, 1 + text.length))).toBe(
      fronts.includes(''),
    );
  });

  test('matches everything for a pattern with too many prefixes, or with flags', () => {
    expect(frontMatcher('(?P<secret>[a-z]{1,60}[a-y]{1,60}[b-z]{1,60}x)')('', 0)).toBe(true);
    expect(frontMatcher('(?i)(?P<secret>k[a-z]+\\.)')('', 0)).toBe(true);
  });
});
