import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

const key = rsaFrom('guessed', 2048);
const [n, p, dp, dq] = (['n', 'p', 'dp', 'dq'] as const).map((name) =>
  BigInt(`0x${parts(key)[name]!.toString('hex')}`),
) as [bigint, bigint, bigint, bigint];
const toBytes = (value: bigint, length: number) =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');
const R = 1n << 1024n;

/** The only other number of the key. */
const PARTS: Readonly<Record<string, Buffer>> = {
  dp: toBytes(dp, 128),
  dq: toBytes(dq, 128),
  'R mod p': toBytes(R % p, 128),
  'R^2 mod p': toBytes((R * R) % p, 128),
  'p*R mod n': toBytes((p * (1n << 2048n)) % n, 256),
};

describe('a modulus without a certificate, with one part of its key', () => {
  test.each(Object.keys(PARTS))('%s: found with --deep only', (part) => {
    const write = LAYOUTS['limbs-le']!;
    const memory = new Memory();
    const random = new SeededRandom(part);
    memory.filler(1024);
    memory.noise(random, 12, 32);
    memory.chunk(write(toBytes(n, 256)));
    memory.noise(random, 12, 16);
    memory.chunk(write(PARTS[part]!));
    memory.noise(random, 12, 16);
    const bytes = memory.bytes();
    expect(searchBytes(bytes).candidates).toEqual([]);
    const found = searchBytes(bytes, {}, true);
    expect(describeAll(found)).toEqual([
      { spki: spkiOf(key), encoding: 'limbs-le', offset: bytes.indexOf(write(PARTS[part]!)) },
    ]);
    expect(found.limits).toEqual([]);
  });

  test('is not found among random numbers', () => {
    const memory = new Memory();
    memory.filler(1024);
    memory.noise(new SeededRandom('none'), 200, 32);
    memory.noise(new SeededRandom('none either'), 200, 16);
    expect(searchBytes(memory.bytes(), {}, true).candidates).toEqual([]);
  });
});
