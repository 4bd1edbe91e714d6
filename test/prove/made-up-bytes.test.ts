import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { madeUpBytes } from '../../src/prove/made-up-bytes.js';
import { prove } from '../../src/prove/prove.js';
import fc from '../support/property.js';

const steps = (length: number, step: number, from = 0): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (from + i * step) & 0xff));
const clamped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[0]! &= 0xf8;
  copy[31] = (copy[31]! & 0x7f) | 0x40;
  return copy;
};

const MADE_UP: [string, Buffer][] = [
  ['zeros', Buffer.alloc(32)],
  ['ones', Buffer.alloc(16, 0xff)],
  ['one byte', Buffer.alloc(64, 0x42)],
  ['00 01 02', steps(32, 1)],
  ['01 02 03, the seed of many manuals', steps(32, 1, 1)],
  ['1f 1e 1d', steps(32, -1, 31)],
  ['00 11 22', steps(16, 0x11)],
  ['one byte, clamped', clamped(Buffer.alloc(32, 0x77))],
  ['00 01 02, clamped', clamped(steps(32, 1))],
  ['the alphabet', Buffer.from('abcdefghijklmnopqrstuvwxyz012345')],
  ['digits', Buffer.from('12345678901234567890123456789012')],
  ['hexadecimal digits', Buffer.from('0123456789abcdef0123456789abcdef')],
  ['one byte, then zeros', Buffer.concat([Buffer.alloc(16, 7), Buffer.alloc(48)])],
];

describe('made-up bytes', () => {
  test.each(MADE_UP)('%s', (_, bytes) => {
    expect(madeUpBytes(bytes)).toBeDefined();
    expect(prove({ type: 'oct', k: new Secret(bytes) })).toHaveProperty('published');
  });

  test('not a short password in a block of zeros, nor few bytes', () => {
    const padded = Buffer.concat([Buffer.from('k3-Zq9x!'), Buffer.alloc(56)]);
    expect(madeUpBytes(padded)).toBeUndefined();
    expect(madeUpBytes(Buffer.from('aaaa'))).toBeUndefined();
  });

  test('not what a generator of random bytes gives', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(16, 24, 32), (seed, length) => {
        const random = createHash('sha256').update(seed).digest().subarray(0, length);
        expect(madeUpBytes(random)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['P-256', { type: 'ec', curve: 'P-256', d: new Secret(steps(32, 1, 1)) }],
    ['P-256, the scalar 1', { type: 'ec', curve: 'P-256', d: new Secret(Buffer.of(1)) }],
    ['Ed25519', { type: 'okp', curve: 'Ed25519', seed: new Secret(steps(32, 1)) }],
    ['Ed25519, one byte', { type: 'okp', curve: 'Ed25519', seed: new Secret(Buffer.alloc(32, 9)) }],
    ['X25519', { type: 'okp', curve: 'X25519', seed: new Secret(clamped(Buffer.alloc(32, 0x77))) }],
  ] as const)('as the private half of a key of %s', (_, material) => {
    const result = prove(material);
    const pending = 'pending' in result ? result.pending : undefined;
    expect(pending?.published ?? ('published' in result && result.published)).toEqual(expect.any(String));
  });
});
