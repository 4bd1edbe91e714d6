import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FORMS, type FormName } from '../../src/forms/forms.js';

const form = (name: FormName) => FORMS.find((row) => row.name === name) ?? FORMS[0]!;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Naive readers, digit by digit. */
const readers: [FormName, (stored: Uint8Array) => bigint][] = [
  ['bytes-be', (stored) => stored.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)],
  ['limbs-le', (stored) => stored.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)],
  [
    'int32-msw',
    (stored) => {
      let sum = 0n;
      for (let i = 0; i < stored.length; i += 4)
        for (let j = 3; j >= 0; j--) sum = sum * 256n + BigInt(stored[i + j] ?? 0);
      return sum;
    },
  ],
  [
    'hex',
    (stored) => [...text(stored)].reduce((sum, digit) => sum * 16n + BigInt(Number.parseInt(digit, 16)), 0n),
  ],
  ['decimal', (stored) => BigInt(text(stored))],
];

test.each(readers)('%s says the same integer', (name, read) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (value) => {
      const wanted = value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      const ways = form(name).encode(value);
      expect(ways.map(({ bytes }) => read(bytes))).toEqual(ways.map(() => wanted));
      expect(ways.every(({ shared }) => shared.before + shared.after === 0)).toBe(true);
    }),
  );
});

describe.each(['base64', 'base64url'] as const)('%s', (name) => {
  test('each phase is the part of the longer text that its neighbours cannot change', () => {
    const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
    fc.assert(
      fc.property(bytes(0, 20), bytes(2, 60), bytes(0, 20), (before, value, after) => {
        const longer = Buffer.concat([before, value, after]).toString(name).replace(/=+$/, '');
        const { bytes: inner, shared } = form(name).encode(value)[before.length % 3]!;
        const first = Math.floor((before.length * 8) / 6);
        const end = Math.ceil(((before.length + value.length) * 8) / 6);
        // All characters that hold a bit of the value, without those that are shared.
        expect(text(inner)).toBe(longer.slice(first + shared.before, end - shared.after));
      }),
    );
  });
});

test('the unit is the length of 16 bytes', () => {
  const ones = new Uint8Array(16).fill(0xff);
  for (const { name, unit, encode } of FORMS) {
    const [first] = encode(ones);
    expect([name, (first?.bytes.length ?? 0) + (first?.shared.after ?? 0)]).toEqual([name, unit]);
  }
});
