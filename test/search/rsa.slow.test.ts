import { createPublicKey, generatePrimeSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { spkiRsa } from '../../src/core/asn1/spki.js';
import { toBigint, toBytes } from '../../src/core/base/bytes/integers.js';
import type { SearchedPublicKey } from '../../src/search/core/types.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { primeFrom, rsaFrom } from './seeded.js';

/** The parts of a key, each in its own chunk and layout, with noise between them. */
function plant(key: KeyObject, layout: Readonly<Record<string, string>>, seed: string, noise = 20): Memory {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  const numbers = parts(key);
  memory.filler(4096);
  for (const [name, form] of Object.entries(layout)) {
    memory.noise(random, noise, 16);
    memory.chunk(LAYOUTS[form]!(numbers[name]!));
  }
  memory.noise(random, noise, 9);
  return memory;
}

const READINGS = ['limbs-le', 'bytes-be', 'int32-msw'];

describe('RSA keys with an unknown modulus', () => {
  test.each(READINGS)('are found as %s', (reading) => {
    const key = rsaFrom('rsa', 2048);
    const memory = plant(key, { n: reading, p: reading, q: reading }, reading);
    const found = searchBytes(memory.bytes());
    expect(describeAll(found)).toEqual([
      { spki: spkiOf(key), encoding: reading, offset: expect.any(Number) },
    ]);
    expect(found.limits).toEqual([]);
  });

  // A program that calculates: products of composites, and a product tree over the primes of two keys.
  test('are found among products, which are not tried as keys', () => {
    const random = new SeededRandom('products');
    const keys = [rsaFrom('tree a', 1024), rsaFrom('tree b', 1024)];
    const numbers = keys.map(parts);
    const tree = toBigint(numbers[0]!.n!) * toBigint(numbers[1]!.n!);
    const memory = new Memory();
    memory.filler(4096);
    for (const each of numbers) for (const name of ['n', 'p', 'q']) memory.chunk(each[name]!);
    memory.chunk(Buffer.from(toBytes(tree)));
    const composite = () => primeFrom(random, 256) * primeFrom(random, 256);
    for (let i = 0; i < 12; i++) {
      const [a, b] = [composite(), composite()];
      for (const value of [a, b, a * b]) memory.chunk(Buffer.from(toBytes(value)));
    }
    const found = searchBytes(memory.bytes());
    expect(describeAll(found).map(({ spki }) => spki)).toEqual(keys.map(spkiOf));
    expect(found.tried).toBe(keys.length);
  });

  test('are found after copies of p and q with overwritten first words', () => {
    const key = rsaFrom('rsa', 2048);
    const { n, p, q } = parts(key);
    const memory = new Memory();
    const random = new SeededRandom('overwritten');
    memory.filler(2048);
    for (let i = 0; i < 40; i++)
      for (const prime of [p!, q!])
        memory.chunk(Buffer.concat([Buffer.of(0xc3), random.bytes(15), prime.subarray(16)]));
    memory.noise(random, 20, 9);
    for (const number of [p!, q!, n!]) memory.chunk(number);
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  // Copies with an overwritten middle come first; they begin and end like the intact ones.
  test.each([1024, 1152, 1000, 2048])('are found after copies with a gap, at %i bits', (bits) => {
    const key = rsaFrom('holes', bits);
    const { n, p, q } = parts(key);
    const padded = (value: Buffer) => Buffer.concat([Buffer.alloc(-value.length & 7), value]);
    const random = new SeededRandom(`holes ${bits}`);
    const inParts = new Memory();
    const known = new Memory();
    for (let i = 0; i < 40; i++)
      for (const prime of [p!, q!]) {
        const damaged = LAYOUTS['limbs-le']!(padded(prime));
        random.bytes(8).copy(damaged, 24);
        inParts.chunk(damaged);
        known.chunk(damaged);
      }
    for (const number of [p!, q!, n!]) inParts.chunk(LAYOUTS['limbs-le']!(padded(number)));
    known.chunk(LAYOUTS['limbs-le']!(padded(p!)));
    const spki = Buffer.from(spkiOf(key), 'base64');
    const shown = [searchBytes(inParts.bytes()), searchBytes(known.bytes(), { publicKeys: [{ spki }] })];
    expect(shown.map((found) => describeAll(found).map((each) => each.spki))).toEqual(
      Array(2).fill([spkiOf(key)]),
    );
  });

  test.each([512, 768, 1024, 1536, 3072, 4096])('are found at %i bits', (bits) => {
    const key = rsaFrom('rsa', bits);
    const memory = plant(key, { p: 'limbs-le', q: 'limbs-le', n: 'limbs-le', dp: 'limbs-le' }, `${bits}`);
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  // Precomputed primes: a number of SeededRandom with its two highest bits and its lowest set, plus 2 * step.
  test.each([
    [8192, 2405n, 1014n],
    [16_384, 485n, 1204n],
  ])('are found at %i bits', (bits, ...steps) => {
    const [p, q] = steps.map((step, i) => {
      const random = new SeededRandom(`${i === 0 ? 'p' : 'q'} ${bits / 2}`).bytes(bits / 16);
      const value = BigInt(`0x${random.toString('hex')}`) | (3n << BigInt(bits / 2 - 2)) | 1n;
      return value + 2n * step;
    }) as [bigint, bigint];
    for (const [layout, write] of Object.entries(LAYOUTS)) {
      const memory = new Memory();
      for (const value of [p, q, p * q]) memory.chunk(write(Buffer.from(value.toString(16), 'hex')));
      const found = describeAll(searchBytes(memory.bytes()));
      expect(found.map(({ encoding }) => encoding)).toEqual([layout]);
      const shown = createPublicKey({
        key: Buffer.from(found[0]!.spki, 'base64'),
        format: 'der',
        type: 'spki',
      });
      expect(
        BigInt(`0x${Buffer.from(shown.export({ format: 'jwk' }).n!, 'base64url').toString('hex')}`),
      ).toBe(p * q);
    }
  });

  test('are found if p, q and n have different encodings and are far apart', () => {
    const key = rsaFrom('rsa', 2048);
    const memory = plant(key, { p: 'limbs-le', n: 'int32-msw', q: 'bytes-be' }, 'mixed', 400);
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('are found if p, q and n are adjacent', () => {
    const key = rsaFrom('rsa', 2048);
    const { n, p, q } = parts(key);
    const memory = new Memory();
    memory.chunk(Buffer.concat([p!, q!, n!].map((value) => LAYOUTS['limbs-le']!(value))));
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('are found as byte strings after a zero, as in Java and DER', () => {
    const key = rsaFrom('rsa', 2048);
    const memory = new Memory();
    for (const name of ['p', 'q', 'n']) memory.chunk(Buffer.concat([Buffer.alloc(1), parts(key)[name]!]));
    const found = describeAll(searchBytes(memory.bytes()));
    expect(found).toEqual([{ spki: spkiOf(key), encoding: 'bytes-be', offset: 9 }]);
  });

  test.each([3, 17, 65_537])('have the exponent %i that their private exponents determine', (e) => {
    const key = rsaFrom('exponent', 1024, BigInt(e));
    const memory = plant(key, { p: 'limbs-le', q: 'limbs-le', n: 'limbs-le', dp: 'bytes-be' }, `e ${e}`);
    expect(describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('have the exponent of their certificate', () => {
    const key = rsaFrom('certificate', 1024, 41n);
    const memory = plant(key, { p: 'limbs-le', q: 'limbs-le', n: 'limbs-le' }, 'certificate');
    const spki = Buffer.from(spkiOf(key), 'base64');
    const found = searchBytes(memory.bytes(), { publicKeys: [{ spki }] });
    expect(describeAll(found).map((each) => each.spki)).toEqual([spki.toString('base64')]);
  });
});

describe('products that are no keys', () => {
  test('a multiplication left in memory: composite factors and their product', () => {
    const memory = new Memory();
    const factor = () => {
      const [a, b] = [generatePrimeSync(512, { bigint: true }), generatePrimeSync(512, { bigint: true })];
      return (a * b) | (1n << 1023n);
    };
    for (let i = 0; i < 4; i++) {
      const [a, b] = [factor(), factor()];
      for (const value of [a, b, a * b]) {
        const bytes = Buffer.from(value.toString(16).padStart(value === a * b ? 512 : 256, '0'), 'hex');
        memory.chunk(LAYOUTS['limbs-le']!(bytes));
      }
    }
    expect(describeAll(searchBytes(memory.bytes()))).toEqual([]);
  });

  // One of 30,000 products of field elements has two prime factors; noble-curves (JavaScript) leaves enough
  // of them.
  test.each([512, 768])('two primes and their product of %i bits, without any exponent', (bits) => {
    const key = rsaFrom('rsa', bits);
    const memory = plant(key, { p: 'limbs-le', q: 'limbs-le', n: 'limbs-le' }, `product ${bits}`).bytes();
    expect(describeAll(searchBytes(memory))).toEqual([]);
    const spki = Buffer.from(spkiOf(key), 'base64');
    expect(describeAll(searchBytes(memory, { publicKeys: [{ spki }] })).map((each) => each.spki)).toEqual([
      spki.toString('base64'),
    ]);
  });

  test('a square of a prime', () => {
    const p = generatePrimeSync(1024, { bigint: true });
    const memory = new Memory();
    for (const value of [p, p, p * p])
      memory.chunk(LAYOUTS['bytes-be']!(Buffer.from(value.toString(16), 'hex')));
    expect(describeAll(searchBytes(memory.bytes()))).toEqual([]);
  });
});

describe('crafted public keys with the modulus of a key and another e', () => {
  const key = rsaFrom('rsa', 2048);
  const own = { spki: Buffer.from(spkiOf(key), 'base64') };
  const { n, p } = parts(key);
  const order = toBigint(p!) - 1n;
  /** An e that divides p - 1: no key has both. */
  const none = [3, 5, 7, 11, 13, 17, 19, 23].find((each) => order % BigInt(each) === 0n)!;
  const made = (e: number) => ({ spki: spkiRsa(n!, toBytes(BigInt(e))) });
  const memory = (names: readonly string[]) =>
    plant(key, Object.fromEntries(names.map((name) => [name, 'limbs-le'])), names.join());
  const found = (names: readonly string[], publicKeys: readonly SearchedPublicKey[]) =>
    searchBytes(memory(names).bytes(), { publicKeys });

  test.each([[['p']], [['d']], [['dp']], [['n', 'p', 'q']], [['n', 'p', 'q', 'd']]])(
    'do not hide the key in any order: %j',
    (names) => {
      for (const publicKeys of [
        [own, made(none)],
        [made(none), own],
      ])
        expect(describeAll(found(names, publicKeys)).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    },
  );

  test.each([[['n', 'p', 'q']], [['p']]])('alone do not hide a prime: %j', (names) => {
    const spkis = describeAll(found(names, [made(none)])).map(({ spki }) => spki);
    expect(spkis).toEqual([spkiOf(key)]);
  });

  test('are tried after the most common exponent, however many there are', () => {
    const many = Array.from({ length: 100 }, (_, i) => made(none * (2 * i + 1)));
    for (const names of [['d'], ['dp'], ['p']])
      expect(describeAll(found(names, [...many, own])).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
  });

  test('are reported if there are more than the limit', () => {
    const many = Array.from({ length: 100 }, (_, i) => made(2 * i + 3));
    const { limits } = found(['d'], [...many, own]);
    expect(limits.map(({ search }) => search)).toContain('rsa-known-n exponents');
  });
});
