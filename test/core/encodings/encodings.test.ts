import { describe, expect, test } from '@jest/globals';
import { ENCODINGS, type EncodingName } from '../../../src/core/encodings/encodings.js';
import fc from '../../support/property.js';

const form = (name: EncodingName) => ENCODINGS.find((row) => row.name === name) ?? ENCODINGS[0]!;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const readers: [EncodingName, (stored: Uint8Array) => bigint][] = [
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

/** Readers of digits: bits, bytes from one to the next, and the digit at an offset. */
const digits: [EncodingName, number, number, (place: DataView, at: number) => bigint][] = [
  ['limbs-be-hprof', 64, 8, (place, at) => place.getBigUint64(at)],
  ['digits30-le32', 30, 4, (place, at) => BigInt(place.getUint32(at, true))],
  ['digits60-le64', 60, 8, (place, at) => place.getBigUint64(at, true)],
  ['digits63-le64', 63, 8, (place, at) => place.getBigUint64(at, true)],
  ['digits28-le32', 28, 4, (place, at) => BigInt(place.getUint32(at, true))],
  ['digits15-le16', 15, 2, (place, at) => BigInt(place.getUint16(at, true))],
  ['digits31-le32', 31, 4, (place, at) => BigInt(place.getUint32(at, true))],
  ['v8-smi28', 28, 8, (place, at) => place.getBigInt64(at, true) >> 32n],
  ['v8-smi26', 26, 8, (place, at) => place.getBigInt64(at, true) >> 32n],
  ['v8-smi28c', 28, 4, (place, at) => BigInt(place.getInt32(at, true) >> 1)],
  ['v8-smi26c', 26, 4, (place, at) => BigInt(place.getInt32(at, true) >> 1)],
  ['v8-double28', 28, 8, (place, at) => BigInt(place.getFloat64(at, true))],
  ['v8-double26', 26, 8, (place, at) => BigInt(place.getFloat64(at, true))],
  ['jsc-int28', 28, 8, (place, at) => place.getBigUint64(at, true) - 0xfffe_0000_0000_0000n],
  ['jsc-int26', 26, 8, (place, at) => place.getBigUint64(at, true) - 0xfffe_0000_0000_0000n],
];

test.each(digits)('%s is the same integer in digits of %d bits', (name, bits, stride, read) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (value) => {
      const wanted = value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      const [first] = form(name).encode(value);
      const place = Buffer.from(first!.bytes);
      const view = new DataView(place.buffer, place.byteOffset, place.length);
      let sum = 0n;
      for (let at = place.length - stride; at >= 0; at -= stride) {
        const digit = read(view, at);
        expect(digit >> BigInt(bits)).toBe(0n);
        sum = (sum << BigInt(bits)) | digit;
      }
      expect(sum).toBe(wanted);
    }),
  );
});

test('limbs-be-hprof includes limbs of 32 bits', () => {
  const [, ints] = form('limbs-be-hprof').encode(Buffer.from('0102030405060708090a', 'hex'));
  expect(Buffer.from(ints!.bytes).toString('hex')).toBe('0708090a0304050600000102');
});

test.each(readers)('%s is the same integer', (name, read) => {
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
  test('each phase is the part of the longer text that adjacent bytes cannot change', () => {
    const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
    fc.assert(
      fc.property(bytes(0, 20), bytes(2, 60), bytes(0, 20), (before, value, after) => {
        const longer = Buffer.concat([before, value, after]).toString(name).replace(/=+$/, '');
        const { bytes: inner, shared } = form(name).encode(value)[before.length % 3]!;
        const first = Math.floor((before.length * 8) / 6);
        const end = Math.ceil(((before.length + value.length) * 8) / 6);
        // All characters that encode bits of the value alone.
        expect(text(inner)).toBe(longer.slice(first + shared.before, end - shared.after));
      }),
    );
  });
});

test('the unit is the length of 16 bytes', () => {
  const ones = new Uint8Array(16).fill(0xff);
  for (const { name, unit, encode } of ENCODINGS) {
    const [first] = encode(ones);
    expect([name, (first?.bytes.length ?? 0) + (first?.shared.after ?? 0)]).toEqual([name, unit]);
  }
});
