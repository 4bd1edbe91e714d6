import { createDiffieHellmanGroup } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { describeAll, searchBytes } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';

const BROTLI_QUALITY = constants.BROTLI_PARAM_QUALITY;

/** Cheap noise, the same in every run: xorshift64 (Marsaglia 2003). */
function noise(length: number): Buffer {
  const words = new BigUint64Array(length / 8);
  let x = 0x9e37_79b9_7f4a_7c15n;
  for (let i = 0; i < words.length; i++) {
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    words[i] = x;
  }
  return Buffer.from(words.buffer);
}

const bytesOf = (value: bigint) => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(Math.ceil(hex.length / 16) * 16, '0'), 'hex');
};

describe('nothing is found', () => {
  test('in random bytes', () => {
    const { candidates, tried, limits } = searchBytes(noise((4 << 20) + 8192));
    expect([candidates.length, tried, limits]).toEqual([0, 0, []]);
  });

  test('in a program full of code, tables and test vectors', () => {
    // node has OpenSSL, its self-test's keys and every curve's tables inside; its read-only data comes first.
    const program = readFileSync(process.execPath);
    expect(describeAll(searchBytes(program.subarray(0, 12 << 20)))).toEqual([]);
  });

  test('among Diffie-Hellman groups, their halves and Montgomery constants', () => {
    const memory = new Memory();
    for (const name of ['modp1', 'modp2', 'modp5', 'modp14', 'modp15', 'modp16', 'modp17', 'modp18']) {
      const prime = createDiffieHellmanGroup(name).getPrime();
      const p = BigInt(`0x${prime.toString('hex')}`);
      const r = 1n << BigInt(prime.length * 8);
      for (const value of [p, (p - 1n) / 2n, (r * r) % p, r % p])
        for (const layout of Object.values(LAYOUTS)) memory.chunk(layout(bytesOf(value)));
    }
    for (const { p, a, b, size } of DOMAINS) {
      const r = 1n << BigInt(Math.ceil(size / 8) * 64);
      for (const value of [p, a, b, (r * r) % p, r % p, (a * r) % p, (b * r) % p])
        for (const layout of Object.values(LAYOUTS)) memory.chunk(layout(bytesOf(value)));
    }
    expect(describeAll(searchBytes(memory.bytes()))).toEqual([]);
  });

  test('among generators, orders, and their Montgomery forms and constants', () => {
    const memory = new Memory();
    for (const { p, n, x, y, size } of DOMAINS) {
      const r = 1n << BigInt(Math.ceil(size / 8) * 64);
      const orders = [n, n - 1n, n >> 1n, (r * r) % n, r % n];
      for (const value of [x, y, (x * r) % p, (y * r) % p, ...orders])
        for (const layout of Object.values(LAYOUTS)) memory.chunk(layout(bytesOf(value)));
      // As libraries write them: the generator whole, its order behind it.
      const whole = [x, y, n].map((value) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex'));
      memory.chunk(Buffer.concat([Buffer.of(4), ...whole]));
    }
    expect(describeAll(searchBytes(memory.bytes()))).toEqual([]);
  });

  test.each([
    ['gzip', gzipSync],
    ['brotli', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [BROTLI_QUALITY]: 3 } })],
  ])('in what %s makes of a program', (_, compress) => {
    const packed = compress(readFileSync(process.execPath).subarray(0, 12 << 20));
    expect(describeAll(searchBytes(packed))).toEqual([]);
  });

  test('in words of one bit, of ones, and of repeated patterns', () => {
    const memory = new Memory();
    for (const pattern of ['55', 'aa', '92492449', 'ff', '8000000000000001', 'fffffffffffffffe', 'ff00ff01'])
      for (const length of [32, 64, 128, 256])
        memory.chunk(Buffer.alloc(length, Buffer.from(pattern, 'hex')));
    expect(describeAll(searchBytes(memory.bytes()))).toEqual([]);
  });
});

test('a process full of isolated numbers spends its budget and says so', () => {
  const memory = new Memory();
  memory.noise(new SeededRandom('isolated'), 4000, 4);
  const bytes = memory.bytes();
  const { limits, candidates } = searchBytes(bytes, {}, false, undefined, 0.005);
  expect(candidates).toEqual([]);
  expect(limits.map(({ search }) => search)).toEqual([
    ...['ec-coordinates', 'ec-points', 'ec-scalars without a point', 'ed25519-seeds'],
  ]);
  for (const { reason } of limits)
    expect(reason).toMatch(/^\d+ numbers (that may be private keys )?were not tried/);
  expect(searchBytes(bytes, {}, true).limits).toEqual([]);
});
