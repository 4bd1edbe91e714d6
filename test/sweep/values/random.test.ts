import { describe, expect, test } from '@jest/globals';
import type { ValueClass } from '../../../src/rules/vocabulary.js';
import { looksRandom } from '../../../src/sweep/values/random.js';
import { randomValue, seeded } from './rows.js';

const SAMPLES = 400;

/** Share of texts that look random. */
function share(make: (random: () => number) => string): number {
  const random = seeded(3);
  let count = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const text = Buffer.from(make(random), 'latin1');
    if (looksRandom(text, 0, text.length, 1)) count++;
  }
  return count / SAMPLES;
}

const FORMS: readonly [kind: ValueClass, length: number][] = [
  ['hex', 20],
  ['hex', 32],
  ['hex', 64],
  ['base32', 32],
  ['base36', 24],
  ['base62', 24],
];

describe.each(FORMS)('%s of %i characters', (kind, length) => {
  const alone = share((random) => randomValue(kind, length, random));

  test('alone', () => {
    expect(alone).toBeGreaterThan(length < 24 ? 0.88 : 0.97);
  });

  test.each([
    ['behind a prefix in capitals', 'ACMESECK-', ''],
    ['behind words and before a capital', 'acme_TEST-', '-X'],
    ['before a word', '', '-Example_name'],
  ])('%s', (_where, before, behind) => {
    const joined = share((random) => before + randomValue(kind, length, random) + behind);
    expect(joined).toBeGreaterThanOrEqual(alone);
  });
});

test.each([
  'Some_long_identifier_OfAProgram1-and_anotherOne2',
  'APPLICATION_SETTINGS_Version2_OfThePlatform3',
  'x86_64-unknown-linux-gnu-2_17-Release',
  '2026-11-29_08-13-03-0000000000000000-A',
])('text: %s', (text) => {
  expect(looksRandom(Buffer.from(text), 0, text.length, 1)).toBe(false);
});

test('hex in both cases at random', () => {
  const mixed = (random: () => number): string =>
    [...randomValue('hex', 32, random)]
      .map((digit) => (random() < 0.5 ? digit.toUpperCase() : digit))
      .join('');
  expect(share(mixed)).toBeGreaterThan(0.95);
});
