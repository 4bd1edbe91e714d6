import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { gcd, toBigint } from '../../src/core/base/bytes/integers.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { isExponent, nearInteger } from '../../src/search/rsa/private-exponent.js';
import { WRITERS } from '../support/number-writers.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

const toNumber = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const toBytes = (value: bigint, length: number) =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

function numbersOf(seed: string, bits: number, e = 65_537n) {
  const key = rsaFrom(seed, bits, e);
  const [n, d, p, q] = ['n', 'd', 'p', 'q'].map((name) => toNumber(parts(key)[name]!)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const lcm = ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n);
  return { key, n: toBytes(n, bits / 8), d: toBytes(d, bits / 8), least: toBytes(d % lcm, bits / 8) };
}

/** A heap with two numbers, separated by `apart` others of their size. */
function heap(seed: string, first: Buffer, second: Buffer, between = 2): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(1024);
  memory.noise(random, 12, first.length / 8);
  memory.chunk(first);
  memory.noise(random, between, first.length / 8);
  memory.chunk(second);
  memory.noise(random, 12, first.length / 8);
  return memory.bytes();
}

describe('n and d of a key, with no prime and no certificate', () => {
  test.each(Object.keys(LAYOUTS))('give the key: %s', (layout) => {
    const write = LAYOUTS[layout]!;
    for (const [bits, e] of [
      [1024, 65_537n],
      [2048, 65_537n],
      [2048, 3n],
      [1024, 17n],
    ] as const) {
      const { key, n, d, least } = numbersOf(`bare ${layout}`, bits, e);
      for (const exponent of [d, least]) {
        const swapped = heap(layout, write(exponent), write(n));
        for (const bytes of [heap(layout, write(n), write(exponent)), swapped]) {
          const found = searchBytes(bytes);
          expect(describeAll(found)).toEqual([
            { spki: spkiOf(key), encoding: layout, offset: bytes.indexOf(write(exponent)) },
          ]);
          expect(found.candidates[0]).toMatchObject({ component: 'd', evidence: ['the number here is d'] });
          expect(found.limits).toEqual([]);
        }
      }
    }
  });

  test('are found far apart among few numbers, but not among many', () => {
    const { n, d } = numbersOf('far', 1024);
    const write = LAYOUTS['limbs-le']!;
    expect(searchBytes(heap('far', write(n), write(d), 40)).candidates).toHaveLength(1);
    expect(searchBytes(heap('far', write(n), write(d), 1600)).candidates).toEqual([]);
  });

  test('give the key although a public key has the same n and another e', () => {
    const { key, n, d } = numbersOf('made up', 1024);
    const jwk = { ...key.export({ format: 'jwk' }), e: 'Bw' };
    const publicKey = createPublicKey({ key: { kty: 'RSA', n: jwk.n!, e: jwk.e }, format: 'jwk' });
    const context = {
      publicKeys: [{ spki: publicKey.export({ type: 'spki', format: 'der' }) }],
      tokens: [],
      curveTokens: [],
    };
    const write = LAYOUTS['limbs-le']!;
    expect(searchBytes(heap('made up', write(n), write(d)), context).candidates).toMatchObject([
      { component: 'd' },
    ]);
  });

  test('are proven once if there are many copies', () => {
    const { n, d } = numbersOf('copies', 1024);
    const memory = new Memory();
    for (let i = 0; i < 40; i++) for (const number of [n, d]) memory.chunk(LAYOUTS['limbs-le']!(number));
    expect(searchBytes(memory.bytes())).toMatchObject({ candidates: [{ component: 'd' }], tried: 1 });
  });

  test('give the key if they have different encodings', () => {
    const { key, n, d } = numbersOf('two ways', 2048);
    for (const [one, other] of [
      ['limbs-le', 'bytes-be'],
      ['bytes-be', 'limbs-le'],
      ['int32-msw', 'bytes-be'],
    ] as const) {
      const found = searchBytes(heap('two ways', LAYOUTS[one]!(n), LAYOUTS[other]!(d)));
      expect(describeAll(found).map(({ spki, encoding }) => [spki, encoding])).toEqual([
        [spkiOf(key), other],
      ]);
    }
  });

  test('give no key with a bit changed', () => {
    const { n, d } = numbersOf('forged', 1024);
    const write = LAYOUTS['limbs-le']!;
    fc.assert(
      fc.property(fc.boolean(), fc.nat({ max: 1023 }), (which, bit) => {
        const [modulus, exponent] = [write(n), write(d)];
        (which ? modulus : exponent)[bit >> 3]! ^= 1 << (bit & 7);
        expect(searchBytes(heap('forged', modulus, exponent)).candidates).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('are not confused with p and dp, whose quotient is as near an integer', () => {
    const key = rsaFrom('prime', 2048);
    const [p, dp] = [parts(key).p!, parts(key).dp!].map((value) => LAYOUTS['limbs-le']!(value)) as [
      Buffer,
      Buffer,
    ];
    expect(searchBytes(heap('prime', p, dp))).toMatchObject({ candidates: [], tried: 0 });
  });

  test('of different keys give no key', () => {
    const [one, other] = [numbersOf('one', 1024), numbersOf('other', 1024)];
    const write = LAYOUTS['limbs-le']!;
    expect(searchBytes(heap('two', write(one.n), write(other.d))).candidates).toEqual([]);
  });
});

test('nearInteger accepts quotients near a fraction with an even denominator up to 64, and no others', () => {
  const naive = (quotient: number) =>
    Array.from({ length: 32 }, (_, i) => quotient * (2 * i + 2)).some(
      (multiple) => Math.round(multiple) > 0 && Math.abs(multiple - Math.round(multiple)) < 2 ** -26,
    );
  const fractions = fc
    .tuple(fc.nat(5_000_000), fc.integer({ min: 1, max: 80 }), fc.integer({ min: -4, max: 4 }))
    .map(([a, b, off]) => a / b + (off * 2 ** -27) / b);
  const any = fc.double({ min: 0, max: 65_537, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(fractions, any), (quotient) => {
      expect(nearInteger(quotient)).toBe(naive(quotient));
    }),
    { numRuns: 5_000 },
  );
});

test('the kernel finds the same pairs as nearInteger among neighbours', () => {
  const kernel = new NumberKernel();
  const [tops, hits, next] = [8 * 64, 8 * 8, 8].map((length) => kernel.allocate(length)) as [
    number,
    number,
    number,
  ];
  const reach = 3;
  const pairsOf = (all: readonly number[]): string[] => {
    kernel.f64(tops, all.length).set(all);
    const pairs: string[] = [];
    for (let from = 0; from < all.length; ) {
      const found = kernel.call.exponentPairs(tops, from, all.length, reach, hits, 8, next);
      const indices = kernel.u32(hits, found * 2);
      for (let k = 0; k < indices.length; k += 2) pairs.push(`${indices[k]} ${indices[k + 1]}`);
      from = kernel.u32(next, 1)[0]!;
    }
    return pairs;
  };
  const naive = (all: readonly number[]): string[] =>
    all.flatMap((here, i) =>
      all.slice(0, i).flatMap((there, j) => {
        const [least, most] = [Math.min(here, there), Math.max(here, there)];
        const fits = [65_537, 3, 17].some((e) => nearInteger(e * (least / most)));
        return i - j <= reach && most >= 0.5 && least < most && fits ? [`${i} ${j}`] : [];
      }),
    );
  const any = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  // d / n close to k / (g e), on it or off it.
  const near = fc
    .record({ n: any, e: fc.constantFrom(65_537, 3, 17, 5), g: fc.integer({ min: 1, max: 70 }), part: any })
    .map(({ n, e, g, part }) => [n, (n * (Math.floor(part * e * g) + part / 2 ** 27)) / (e * g)]);
  const lists = fc.array(fc.oneof(near, fc.tuple(any), fc.constant([0.75, 0.75])), { maxLength: 20 });
  fc.assert(
    fc.property(lists, (all) => {
      expect(pairsOf(all.flat())).toEqual(naive(all.flat()));
    }),
    { numRuns: 2_000 },
  );
});

describe('isExponent', () => {
  const DIVISORS = [1, ...Array.from({ length: 32 }, (_, i) => 2 * i + 2)].map(BigInt);
  const bits = (value: bigint) => value.toString(2).length;

  /** Tests each divisor on its own. */
  function naive(d: bigint, n: bigint, e: bigint): boolean {
    const slack = Math.ceil(bits(n) * 0.8) + bits(e) + 16;
    const rests = DIVISORS.map((g) => (e * d * g) % n);
    return d >= 3n && d < n && rests.some((rest) => bits(n - rest) <= slack && rest < n - 1n);
  }

  test('accepts d if some multiple g e d mod n is just below n', () => {
    const cases = fc.record({
      n: fc.bigInt({ min: 1n << 255n, max: (1n << 256n) - 1n }).map((n) => n | 1n),
      e: fc.constantFrom(3n, 17n, 65_537n),
      k: fc.bigInt({ min: 1n, max: 70_000n }),
      g: fc.bigInt({ min: 1n, max: 70n }),
      below: fc
        .integer({ min: 0, max: 255 })
        .chain((shift) => fc.bigInt({ min: -2n, max: 2n }).map((more) => (1n << BigInt(shift)) + more)),
    });
    let passed = 0;
    fc.assert(
      fc.property(cases, ({ n, e, k, g, below }) => {
        const d = (k * n - below) / (e * g);
        const expected = naive(d, n, e);
        if (expected) passed++;
        expect(isExponent(d, { n, e })).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(passed).toBeGreaterThan(200);
  });
});

test.each(['digits30-le32', 'digits60-le64', 'v8-smi28', 'v8-smi26', 'v8-double28', 'jsc-int28'] as const)(
  'n and d in digits give the key, and too many are reported (%s)',
  (form) => {
    const whole = rsaFrom('in digits', 1024);
    const { n, d } = parts(whole);
    const digits = (octets: Buffer) => WRITERS[form](toBigint(octets));
    const memory = new Memory();
    memory.filler(2048);
    for (const number of [n!, d!]) {
      memory.chunk(digits(number));
      memory.filler(512);
    }
    const found = searchBytes(memory.bytes());
    expect(describeAll(found).map(({ spki, encoding }) => [spki, encoding])).toEqual([[spkiOf(whole), form]]);
    expect(found.limits).toEqual([]);
    const { candidates, limits } = searchBytes(memory.bytes(), {}, false, undefined, 0);
    expect(candidates).toEqual([]);
    expect(limits.filter(({ search }) => search === 'rsa-unknown-n d')).toMatchObject([
      { target: 'blind', left: expect.any(Number), deep: true },
    ]);
  },
);
