import { createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, rsaFrom } from './seeded.js';

/**
 * Objects of SymCrypt, the library of Windows (symcrypt_internal.h, x64): integers in digits of 64 bytes,
 * least significant first, after headers of 32 bytes; a modulus is followed directly by its R^2 and its
 * negative.
 */
const DIGIT = 64;
const ADDRESS = 0x0000_01e8_2f3a_4000n;

const toNumber = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const digitsOf = (bytes: number) => Math.ceil(bytes / DIGIT);

/** A value in whole digits, or in a given number of bytes. */
function limbs(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex').reverse();
}

/** Type, digits, size in bytes, and an address plus a constant. */
function header(kind: string, digits: number, size: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write(`\0\0${kind}g`, 0, 'latin1');
  bytes.writeUInt32LE(digits, 4);
  bytes.writeUInt32LE(size, 8);
  bytes.writeBigUInt64LE(ADDRESS + 0x5331_6d76n, 16);
  return bytes;
}

function int(value: bigint, digits: number): Buffer {
  const size = digits * DIGIT;
  return Buffer.concat([header('I', digits, size + 32), limbs(value, size)]);
}

function modulus(value: bigint, digits: number): Buffer {
  const size = digits * DIGIT;
  const r = 1n << BigInt(size * 8);
  const negative = r - value;
  return Buffer.concat([
    header('M', digits, 3 * size + 128),
    header('M', digits, 0).subarray(16).fill(0),
    header('D', digits, size + 64),
    int(value, digits),
    limbs((r * r) % value, size),
    limbs(negative, size),
  ]);
}

/** SYMCRYPT_RSAKEY: one allocation. The inverses are in Montgomery form. */
function rsaKey(key: KeyObject): Buffer {
  const jwk = parts(key);
  const numbers = Object.fromEntries(
    Object.entries(jwk).map(([name, bytes]) => [name, toNumber(bytes)]),
  ) as Record<'n' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', bigint>;
  const { n, d, p, q, dp, dq, qi } = numbers;
  const digits = digitsOf(jwk.n!.length);
  const half = digitsOf(jwk.p!.length);
  const rest = (object: Buffer, whole: number) =>
    Buffer.concat([object, Buffer.alloc(whole - object.length)]);
  const room = modulus(n, digits).length;
  const r = 1n << BigInt(half * DIGIT * 8);
  const element = (value: bigint) => rest(limbs(value, half * DIGIT), digits * DIGIT);
  const integer = (value: bigint, count: number) => rest(int(value, count), digits * DIGIT + 32);
  return Buffer.concat([
    header('K', digits, 0),
    Buffer.alloc(96),
    modulus(n, digits),
    rest(modulus(p, half), room),
    rest(modulus(q, half), room),
    element((qi * r) % p),
    element((inverse(p, q)! * r) % q),
    integer(d, digits),
    integer(dp, half),
    integer(dq, half),
  ]);
}

/** The private key of SYMCRYPT_ECKEY: an integer. */
function ecKey(d: Buffer): Buffer {
  return Buffer.concat([header('K', 1, 0), Buffer.alloc(32), int(toNumber(d), digitsOf(d.length))]);
}

function memory(seed: string, object: Buffer): Buffer {
  const made = new Memory();
  const random = new SeededRandom(seed);
  made.filler(2048);
  for (const words of [4, 6, 16, 32]) made.noise(random, 4, words);
  made.chunk(object);
  made.noise(random, 4, 32);
  return made.bytes();
}

describe('SymCrypt', () => {
  test.each([1024, 2048, 3072, 4096])('an RSA key of %i bits is found, and nothing else', (bits) => {
    const key = rsaFrom(`symcrypt ${bits}`, bits);
    const found = searchBytes(memory(`${bits}`, rsaKey(key)));
    expect(describeAll(found)).toEqual([
      { spki: spkiOf(key), encoding: 'limbs-le', offset: expect.any(Number) },
    ]);
    expect(found.limits).toEqual([]);
  });

  test.each([
    ['P-256', 'prime256v1', 32],
    ['P-384', 'secp384r1', 48],
    ['P-521', 'secp521r1', 66],
  ] as const)('a key of %s is found by its certificate', (curve, openssl, size) => {
    const { key, d } = ecFrom('symcrypt', curve, openssl, size);
    const spki = createPublicKey(key.export({ format: 'pem', type: 'pkcs8' })).export({
      format: 'der',
      type: 'spki',
    });
    const found = searchBytes(memory(curve, ecKey(d)), { publicKeys: [{ spki }] });
    expect(describeAll(found)).toEqual([
      { spki: spki.toString('base64'), encoding: 'limbs-le', offset: expect.any(Number) },
    ]);
  });
});
