import { describe, expect, test } from '@jest/globals';
import { madeUp, madeUpBy } from '../../../src/detect/values/made-up.js';
import { randomValue, seeded } from '../../sweep/values/rows.js';

test.each([
  ['abcd1234efgh5678ijkl', 'its characters follow each other'],
  ['k7Qz2mXv9Rk7Qz2mXv9R', 'a piece of it repeated'],
  ['a1x2r3m4q5z6t7w8c9f0', 'every other character follows the last'],
  ['k7Qz2mSecretXv9RtB4w', 'a word that documentation uses'],
  ['k7Qz2mexampleXv9RtB4', 'a word that documentation uses'],
  [Buffer.from('someone:mypassword').toString('base64'), 'base64 of a word that documentation uses'],
  ['aaaaaaaaaaaaaaaaaaaa', 'one character repeated'],
  // x of the generator of secp256k1, as a table of elliptic has it
  ['79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798', 'a published constant'],
  ['E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855', 'a published constant'],
  ['d41d8cd98f00b204e9800998ecf8427e', 'a published constant'],
])('%s', (value, why) => {
  expect(madeUp(value)).toBe(why);
});

test.each([
  ['https://example.com?key=', true],
  ['to http://api.example.org:8080/cb#access_token=', true],
  ['https://server.example/a?key=', true],
  ['https://example.company/a?key=', false],
  ['https://example.com/a, key=', false],
  ['example.com?key=', false],
])('in a URL of documentation: %s', (before, expected) => {
  expect(madeUpBy(before) !== undefined).toBe(expected);
});

describe('random values', () => {
  test.each([
    ['hex', 32, 12],
    ['base62', 24, 3],
    ['base64url', 43, 3],
    ['base36', 32, 6],
  ] as const)('%s of %i characters: few of 2,000 seem made up', (kind, length, most) => {
    const random = seeded(9);
    const values = Array.from({ length: 2000 }, () => randomValue(kind, length, random));
    expect(values.filter((value) => madeUp(value) !== undefined).length).toBeLessThanOrEqual(most);
  });
});
