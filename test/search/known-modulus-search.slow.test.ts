import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { spkiRsa } from '../../src/core/asn1/spki.js';
import { gcd, inverse, toBigint, toBytes } from '../../src/core/base/bytes/integers.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { prove } from '../../src/prove/prove.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { certificateSignatures } from '../../src/search/rsa/certificate-signatures.js';
import { locateModuli, PlaceSet } from '../../src/search/rsa/modulus.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { findRuns } from './runs.js';
import { primeFrom, rsaFrom } from './seeded.js';

const key = rsaFrom('fragments', 2048);
const numbers = Object.fromEntries(
  Object.entries(parts(key)).map(([name, bytes]) => [name, BigInt(`0x${bytes.toString('hex')}`)]),
) as Record<'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', bigint>;
const { n, d, p, q, dp, dq } = numbers;
const spki = Buffer.from(spkiOf(key), 'base64');

const bytes = (value: bigint, length: number) =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

function lcmExponent(): bigint {
  let [a, b] = [p - 1n, q - 1n];
  while (b > 0n) [a, b] = [b, a % b];
  return d % (((p - 1n) * (q - 1n)) / a);
}

const R = 1n << 1024n;
const PARTS: Record<string, [bigint, number]> = {
  p: [p, 128],
  q: [q, 128],
  d: [d, 256],
  'd mod lcm(p-1, q-1)': [lcmExponent(), 256],
  'd mod (p-1)(q-1)': [lcmExponent() + ((p - 1n) * (q - 1n)) / 2n, 256],
  dp: [dp, 128],
  dq: [dq, 128],
  'R^2 mod p': [(R * R) % p, 128],
  'R^2 mod q': [(R * R) % q, 128],
  'R mod p': [R % p, 128],
  'p*R mod n': [(p * (1n << 2048n)) % n, 256],
};

/** A heap with one part of the key, and n as a bare number. */
function plant(value: bigint, length: number, layout: string, withModulus = true): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(`${layout} ${length}`);
  memory.filler(4096);
  memory.noise(random, 10, 16);
  if (withModulus) memory.chunk(LAYOUTS['limbs-le']!(bytes(n, 256)));
  memory.noise(random, 10, 32);
  memory.chunk(LAYOUTS[layout]!(bytes(value, length)));
  return memory.bytes();
}

describe('one part of a known key', () => {
  test.each(Object.keys(PARTS))('%s gives the key', (name) => {
    const [value, length] = PARTS[name]!;
    // Constants of a Montgomery context are stored in limbs.
    const layouts = name.includes('R') ? ['limbs-le'] : Object.keys(LAYOUTS);
    for (const layout of layouts) {
      const found = searchBytes(plant(value, length, layout), { publicKeys: [{ spki }] });
      expect(describeAll(found)).toEqual([
        { spki: spki.toString('base64'), encoding: layout, offset: expect.any(Number) },
      ]);
      expect(found.limits).toEqual([]);
    }
  });

  test('is found if only a certificate has the modulus; among many moduli, if it is the target', () => {
    const dump = plant((R * R) % p, 128, 'limbs-le', false);
    const others = Array.from({ length: 16 }, (_, i) => ({
      spki: spkiRsa(bytes(n + 2n * BigInt(i + 1), 256), Buffer.of(1, 0, 1)),
    }));
    expect(describeAll(searchBytes(dump, { publicKeys: [{ spki }, ...others] }))).toEqual([]);
    for (const publicKeys of [[{ spki }], [{ spki, isTarget: true }, ...others]]) {
      const found = searchBytes(dump, { publicKeys });
      expect(describeAll(found).map((each) => each.spki)).toEqual([spki.toString('base64')]);
      expect(found.candidates[0]!.evidence).toEqual(['the number here is R^2 mod p']);
    }
  });

  test('of another key gives no key', () => {
    const other = createPublicKey(rsaFrom('another', 2048));
    const asked = { spki: Buffer.from(other.export({ format: 'der', type: 'spki' })), isTarget: true };
    for (const [value, length] of Object.values(PARTS)) {
      const found = searchBytes(plant(value, length, 'limbs-le', false), { publicKeys: [asked] });
      expect(describeAll(found)).toEqual([]);
    }
  });
});

/** A key whose d is found: in one key of thirty, gcd(p - 1, q - 1) is greater than the search tries. */
function keyFor(modulusLength: number, publicExponent: number): KeyObject {
  for (let i = 0; ; i++) {
    const key = rsaFrom(`exponents ${i}`, modulusLength, BigInt(publicExponent));
    const { p, q } = parts(key);
    if (gcd(toBigint(p!) - 1n, toBigint(q!) - 1n) <= 64n) return key;
  }
}

describe('other keys', () => {
  test.each([
    [3, 2048],
    [17, 2048],
    [257, 1024],
    [65_537, 3072],
    [65_539, 1024],
    [0x1dfbb, 2048],
    [0x65537, 1024],
    // The greatest prime below 2^20, the limit of the search by divisors.
    [1_048_573, 1024],
    [0xffff_ffff, 1024],
  ])('with e = %d, of %d bits: dp, dq and d are found', (publicExponent, modulusLength) => {
    const made = keyFor(modulusLength, publicExponent);
    const other = Buffer.from(spkiOf(made), 'base64');
    const found = ['dp', 'dq', 'd'].map((name) => {
      const part = parts(made)[name]!;
      const length = modulusLength / (name === 'd' ? 8 : 16);
      const memory = new Memory();
      memory.noise(new SeededRandom('other keys'), 4, length / 8);
      memory.chunk(LAYOUTS['limbs-le']!(Buffer.concat([Buffer.alloc(length - part.length), part])));
      const result = searchBytes(memory.bytes(), { publicKeys: [{ spki: other, isTarget: true }] });
      expect(result.limits).toEqual([]);
      return result.candidates.map(({ evidence }) => evidence[0]);
    });
    expect(found).toEqual(['dp', 'dq', 'd'].map((name) => [`the number here is ${name}`]));
  });
});

test('dp of an e above 2^20 is tried within the budget of other numbers, but for targets', () => {
  const made = keyFor(1024, 0xffff_ffff);
  const spki = Buffer.from(spkiOf(made), 'base64');
  const found = (isTarget: boolean, others: number) => {
    const memory = new Memory();
    memory.noise(new SeededRandom('large e'), others, 8);
    memory.chunk(LAYOUTS['limbs-le']!(parts(made).dp!));
    const { candidates, limits } = searchBytes(memory.bytes(), { publicKeys: [{ spki, isTarget }] });
    const left = limits.find(({ search }) => search === 'rsa-known-n dp');
    return { by: candidates.map(({ evidence }) => evidence[0]), target: left?.target, likely: left?.likely };
  };
  const byDp = { by: ['the number here is dp'] };
  expect(found(false, 10)).toEqual(byDp);
  // What is left fills its run: the scan is not complete.
  expect(found(false, 1500)).toEqual({ by: [], target: 'written', likely: expect.any(Number) });
  expect(found(true, 1500)).toEqual(byDp);
});

test.each([3, 4, 5])('d of a key with %d primes gives all of them', (count) => {
  const e = 65_537n;
  const random = new SeededRandom(`${count} primes of a key`);
  const made = () =>
    Array.from({ length: count }, (_, i) => primeFrom(random, Math.floor((2048 + i) / count)));
  const multiply = (all: readonly bigint[]) => all.reduce((product, prime) => product * prime, 1n);
  let primes = made();
  while (multiply(primes) >> 2047n !== 1n || primes.some((prime) => prime % e === 1n)) primes = made();
  const product = multiply(primes);
  const phi = primes.reduce((all, prime) => all * (prime - 1n), 1n);
  const encoded = spkiRsa(toBytes(product), toBytes(e));
  const memory = new Memory();
  memory.noise(new SeededRandom(`${count} primes`), 4, 32);
  memory.chunk(LAYOUTS['limbs-le']!(bytes(product, 256)));
  memory.chunk(LAYOUTS['limbs-le']!(bytes(inverse(e, phi)!, 256)));
  const found = searchBytes(memory.bytes(), { publicKeys: [{ spki: encoded }] });
  expect(describeAll(found).map(({ spki }) => spki)).toEqual([Buffer.from(encoded).toString('base64')]);
  const proof = prove(found.candidates[0]!.material!);
  expect(proof.status === 'proven' && proof.statements).toContain(`n, e and d split n into ${count} primes`);
});

test.each([
  [3, 2048, 683],
  [3, 3072, 1024],
  [4, 4096, 1024],
])('all of %d primes but one give the key of %d bits', (count, bits, size) => {
  const e = 65_537n;
  const random = new SeededRandom(`all but one of ${count} primes`);
  const primes = Array.from({ length: count }, () => primeFrom(random, size));
  const product = primes.reduce((all, prime) => all * prime, 1n);
  const spki = spkiRsa(toBytes(product), toBytes(e));
  const found = (shown: readonly bigint[]) => {
    const memory = new Memory();
    memory.noise(new SeededRandom(`${bits}`), 4, size >> 6);
    for (const prime of shown) memory.chunk(LAYOUTS['limbs-le']!(bytes(prime, Math.ceil(size / 64) * 8)));
    return describeAll(searchBytes(memory.bytes(), { publicKeys: [{ spki }] })).map((each) => each.spki);
  };
  const encoded = Buffer.from(spki).toString('base64');
  expect([found(primes), found(primes.slice(1)), found(primes.slice(2))]).toEqual([[encoded], [encoded], []]);
});

describe('many known moduli', () => {
  const publicKeys = Array.from({ length: 24 }, (_, i) => ({ spki: spkiBytes(`many ${i}`), isTarget: true }));

  function spkiBytes(seed: string): Buffer {
    return Buffer.from(spkiOf(rsaFrom(seed, 512)), 'base64');
  }

  test.each(['dp', 'R^2 mod p', 'd', 'q'])('%s of one of them is found among them', (name) => {
    const [value, length] = PARTS[name]!;
    const found = searchBytes(plant(value, length, 'limbs-le'), { publicKeys: [...publicKeys, { spki }] });
    expect(describeAll(found).map((each) => each.spki)).toEqual([spki.toString('base64')]);
    expect(found.limits).toEqual([]);
  });

  test('and many numbers: work beyond the budget is reported, and done with --deep', () => {
    const memory = new Memory();
    const random = new SeededRandom('without end');
    memory.noise(random, 1600, 16);
    memory.chunk(LAYOUTS['limbs-le']!(bytes(dp, 128)));
    const context = { publicKeys: [{ spki, isTarget: true }] };
    const limited = searchBytes(memory.bytes(), context, false, undefined, 0.01);
    const known = limited.limits.filter(({ search }) => search.startsWith('rsa-known-n'));
    expect(known.map(({ search }) => search)).toEqual(
      ['dp', 'montgomery', 'parts'].map((search) => `rsa-known-n ${search}`),
    );
    expect(known[0]!.reason).toMatch(/^\d+ numbers were not tried as dp or dq of the known moduli/);
    expect(describeAll(limited)).toEqual([]);
    const deep = searchBytes(memory.bytes(), context, true);
    expect(deep.limits).toEqual([]);
    expect(describeAll(deep)).toHaveLength(1);
  });
});

describe('PlaceSet', () => {
  test('overlaps ranges that share a byte with an extent', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ offset: fc.nat(200), length: fc.integer({ min: 1, max: 20 }) })),
        fc.nat(220),
        fc.integer({ min: 1, max: 20 }),
        (extents, from, length) => {
          const expected = extents.some(
            (each) => each.offset < from + length && from < each.offset + each.length,
          );
          expect(new PlaceSet(extents).overlaps(from, from + length)).toBe(expected);
        },
      ),
    );
  });
});

describe('signatures of certificates', () => {
  test('are recognised as public, within the budget', () => {
    const memory = new Memory();
    const known = Array.from({ length: 6 }, (_, i) => rsaFrom(`signer ${i}`, 1024));
    for (const each of known) {
      memory.chunk(LAYOUTS['limbs-le']!(parts(each).n!));
      memory.chunk(sign('sha256', Buffer.from('certificate'), each));
    }
    const dump = memory.bytes();
    const reader = bufferReader(dump);
    const kernel = new NumberKernel();
    const runs = new RunList();
    for (const run of findRuns(reader)) runs.push(run);
    const read = new RunBytes(reader, kernel);
    const moduli = known.map((each) => ({
      n: BigInt(`0x${parts(each).n!.toString('hex')}`),
      e: 65_537n,
      words: 16,
      isTarget: false,
      bare: false,
      solved: false,
    }));
    const places = locateModuli(moduli, {
      ...{ kernel, bytes: read, runs, skippedWork: new SkippedWork(), budget: (usual) => usual },
    });
    expect(places.map(({ modulus }) => moduli.indexOf(modulus))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(moduli.every(({ bare }) => bare)).toBe(true);
    const effort = (usual: number) => usual;
    const found = [...certificateSignatures(places, read, runs, effort)];
    const stored = known.map((each) => sign('sha256', Buffer.from('certificate'), each));
    expect(found.map(({ offset, length }) => dump.subarray(offset, offset + length))).toEqual(stored);
    expect([...certificateSignatures(places, read, runs, () => 0)]).toEqual([]);
  });
});
