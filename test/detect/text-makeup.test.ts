import { describe, expect, test } from '@jest/globals';
import { makeupOf, mayHold } from '../../src/detect/text/makeup.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import fc from '../support/property.js';
import { textOf } from './pattern-text.js';

const patterns = loadBuiltin().flatMap(({ id, pattern }) =>
  pattern === undefined ? [] : [[id, pattern] as const],
);

describe('makeup of a secret', () => {
  test.each([
    ['(?P<secret>ab[0-9]{3})', 5],
    ['(?P<secret>a?b*c+[x-z]{2,}d{0,3})', 3],
    ['(?P<secret>(?:abc|d)[0-9]{4}|[a-f]{7})', 5],
    ['k=(?P<secret>[\\w.]{8,9})@[0-9]{5}', 8],
    ['(?<secret>a(?:b(?:c|de)){3}\\.)', 8],
  ])('%s has at least %i characters', (pattern, least) => {
    expect(makeupOf(pattern)?.least).toBe(least);
  });

  test.each([
    '(?i)(?P<secret>abc)',
    '(?P<secret>a.c)',
    '(?P<secret>[^a]b)',
    '(?P<secret>\\bab)',
    '(?P<secret>(?i:a)b)',
  ])('%s promises nothing', (pattern) => {
    expect(makeupOf(pattern)).toBeUndefined();
  });

  test.each(patterns)('%s is supported, and covers its matches', (_id, pattern) => {
    const makeup = makeupOf(pattern)!;
    expect(makeup.least).toBeGreaterThan(4);
    const property = fc.property(
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (dice) => {
        const { text } = textOf(pattern, () => dice.next().value as number);
        expect(mayHold(`\0\xff${text}\0`, 0, makeup)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 20 });
  });

  test('a run that is too short is rejected', () => {
    const makeup = makeupOf('(?P<secret>ab[0-9]{3})')!;
    expect(mayHold('ab12 ab34', 0, makeup)).toBe(false);
    expect(mayHold('ab123', 1, makeup)).toBe(false);
    expect(mayHold('ab123', 0, makeup)).toBe(true);
  });
});
