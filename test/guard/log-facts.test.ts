import { expect, test } from '@jest/globals';
import { loggedCauses, loggedName, loggedWhy } from '../../src/guard/dumps/guarded-dump.js';
import fc from '../support/property.js';

/** Octets of an entry are 64 KiB at most: each list has a part of them. */
const PART = 20_000;

test('any causes make a short list, and no count is lost', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 90 }), fc.nat(1e9), { maxKeys: 90 }), (causes) => {
      const logged = loggedCauses(causes);
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
      expect(sum(logged)).toBe(sum(causes));
      expect(JSON.stringify(logged).length).toBeLessThan(PART);
      for (const name of Object.keys(logged)) expect(name).toMatch(/^[a-z0-9][a-z0-9 -]*$/i);
    }),
  );
});

test('every built-in rule may be a cause at once', () => {
  const causes = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`a-rule-with-a-long-name-${i}`, i + 1]),
  );
  const logged = loggedCauses(causes);
  expect(Object.keys(logged)).toHaveLength(41);
  expect(logged['a-rule-with-a-long-name-1999']).toBe(2000);
  expect(logged.others).toBe((1960 * 1961) / 2);
});

test.each([
  ['private-key-pem', 'private-key-pem'],
  ['notes and registers', 'notes and registers'],
  ['{"', 'unknown'],
  ['a'.repeat(65), 'unknown'],
  ['', 'unknown'],
])('%j is logged as %s', (name, logged) => expect(loggedName(name)).toBe(logged));

test('of many reasons the last ones stay', () => {
  const why = Array.from({ length: 5000 }, (_, i) => `rule ${i + 1} (line ${i + 9}), pass: exit is 1`);
  const logged = loggedWhy(why);
  expect(JSON.stringify(logged).length).toBeLessThan(PART);
  expect(logged.at(-1)).toBe(why.at(-1));
  expect(logged[0]).toBe(`${5001 - logged.length} earlier rules: not listed`);
  expect(loggedWhy(why.slice(0, 9))).toEqual(why.slice(0, 9));
});
