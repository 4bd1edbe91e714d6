import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { liftPrime } from '../../src/search/rsa/prime-gap-lifting.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { primeFrom, rsaFrom } from './seeded.js';

/** Words that allocators and other objects write over a number. */
const OVERWRITES: Readonly<Record<string, bigint>> = {
  'a pointer': 0x7f12_3456_7890n,
  zeros: 0n,
  'a length': 4096n,
};

function holed(number: Buffer, layout: string, words: readonly number[], over: bigint): Buffer {
  const stored = LAYOUTS[layout]!(number);
  for (const word of words) stored.writeBigUInt64LE(over, word * 8);
  return stored;
}

function heap(values: readonly Buffer[]): Buffer {
  const memory = new Memory();
  memory.filler(2048);
  for (const value of values) {
    memory.noise(new SeededRandom('holes'), 8, 16);
    memory.chunk(value);
  }
  return memory.bytes();
}

const key = rsaFrom('holes', 2048);
const { p, q } = parts(key);
const asked = { publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64'), isTarget: true }] };

test.each(Object.keys(OVERWRITES))(
  'two primes with different words overwritten by %s give the key',
  (over) => {
    for (const layout of ['limbs-le', 'bytes-be']) {
      const [one, other] = [
        holed(p!, layout, [4, 5, 6, 10], OVERWRITES[over]!),
        holed(q!, layout, [7, 11], OVERWRITES[over]!),
      ];
      const dump = heap([one, other]);
      const found = searchBytes(dump, asked);
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: layout, offset: dump.indexOf(one) },
      ]);
      expect(found.candidates[0]!.evidence).toEqual(['the middle 32 bytes of p are lost and were computed']);
      expect(found.candidates[0]!.partial).toBe(true);
    }
  },
);

test('primes with gaps of a modulus that is no target are found with --deep only', () => {
  const dump = heap([holed(p!, 'limbs-le', [4, 5, 6], 0n), holed(q!, 'bytes-be', [8], 0n)]);
  const publicKeys = asked.publicKeys.map(({ spki }) => ({ spki }));
  expect(describeAll(searchBytes(dump, { publicKeys }))).toEqual([]);
  expect(describeAll(searchBytes(dump, { publicKeys }, true))).toHaveLength(1);
});

test('a word lost in both primes, or a changed bit elsewhere, gives no key', () => {
  const one = holed(p!, 'limbs-le', [4, 5, 6], 0n);
  expect(describeAll(searchBytes(heap([one, holed(q!, 'limbs-le', [5, 9], 0n)]), asked))).toEqual([]);
  const changed = holed(q!, 'limbs-le', [8], 0n);
  changed[77]! ^= 4;
  expect(describeAll(searchBytes(heap([one, changed]), asked))).toEqual([]);
});

test('pairs with matching lowest words only are tried up to the budget, and the rest is reported', () => {
  const random = new SeededRandom('hole pairs');
  const memory = new Memory();
  const like = (number: Buffer) => {
    const stored = Buffer.from(random.bytes(number.length));
    LAYOUTS['limbs-le']!(number).copy(stored, 0, 0, 8);
    stored.writeBigUInt64LE(0n, 40);
    memory.chunk(stored);
  };
  memory.filler(512);
  for (let i = 0; i < 200; i++) for (const prime of [p!, q!]) like(prime);
  memory.filler(512);
  const { limits, candidates } = searchBytes(memory.bytes(), asked);
  expect(candidates).toEqual([]);
  expect(limits.map(({ search }) => search)).toContain('rsa-known-n hole pairs');
});

/** Which of two numbers has lost each of the words 1 to 7. */
const losses = fc.array(fc.constantFrom('none', 'one', 'other'), { minLength: 7, maxLength: 7 });

test('liftPrime gives p if each word is left in one number, and nothing after a change', () => {
  const random = new SeededRandom('filled');
  const [a, b] = [primeFrom(random, 512), primeFrom(random, 512)];
  const wordsOf = (value: bigint) =>
    Array.from({ length: 8 }, (_, i) => BigInt.asUintN(64, value >> BigInt(64 * i)));
  fc.assert(
    fc.property(losses, fc.option(fc.record({ word: fc.nat(7), bit: fc.nat(63) })), (lost, flip) => {
      const cut = (value: bigint, who: string) =>
        wordsOf(value).map((word, i) => (i > 0 && lost[i - 1] === who ? undefined : word));
      const [one, other] = [cut(a, 'one'), cut(b, 'other')];
      if (flip !== null && one[flip.word] !== undefined) one[flip.word]! ^= 1n << BigInt(flip.bit);
      const intact = one.every((word, i) => word === undefined || word === wordsOf(a)[i]);
      expect(liftPrime(one, other, a * b)).toBe(intact ? a : undefined);
    }),
  );
});
