import { describe, expect, test } from '@jest/globals';
import { isGated } from '../../../src/sweep/values/gates.js';
import { randomValue, seeded } from './rows.js';

const gated = (value: string): boolean => {
  const bytes = Buffer.from(`  ${value}  `, 'latin1');
  return isGated(bytes, 2, 2 + value.length);
};

test.each([
  ['a C++ symbol', '_ZN4core4hint16assert_unchecked17h5365607ae'],
  ['a function of Emacs', 'F676c6f62616c2d756e7365742d6b6579_global_unset_key_0'],
  ['a part of one', 'St6chrono8durationIlSt5ratioILl1ELl1000EEE'],
  ['a Rust symbol', '_RNvCs1234_7mycrate3foo'],
  ['one character repeated', 'k7Qz2mXXXXXXXXXXXXXXb9RtB4w'],
  ['few characters', 'abab1212abab1212abab'],
  ['one case', 'qwhzkdmxlpwoerntgbvc'],
  ['a pointer', '0x7f3a9c0d1e2b'.padEnd(16, '4')],
  ['pointers', '0x7f3a9c0d-0x7f3a9fff'],
  ['zeros', '1f00000000000000a93bd2'],
  ['short pieces', 'M12-34_a5-b6_c7-d8_e9'],
  ['a path', '/usr/lib/x86_64/libQ7.so'],
  ['a path of words', 'home/User/projects/Kz81/source'],
  ['rising characters', '0123456789ABCDEFGHIJKLMN'],
  ['DER in base64', `MFkw${randomValue('base64', 118, seeded(1))}`],
])('%s', (_what, value) => {
  expect(gated(value)).toBe(true);
});

test('another name than that in hex', () => {
  expect(gated('F676c6f62616c2d756e7365742d6b6579_global_unset_kez_0')).toBe(false);
});

describe('random values', () => {
  test.each([
    ['hex', 32, 2],
    ['base36', 40, 2],
    ['base62', 24, 6],
    ['base62', 180, 12],
    ['base64', 88, 12],
    ['base64url', 43, 8],
    ['uuid', 36, 2],
  ] as const)('%s of %i characters: at most %i of 2,000 are refused', (kind, length, most) => {
    const random = seeded(11);
    const values = Array.from({ length: 2000 }, () => randomValue(kind, length, random));
    expect(values.filter(gated).length).toBeLessThanOrEqual(most);
  });
});
