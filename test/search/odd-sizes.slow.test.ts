import { checkPrimeSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { spkiRsa } from '../../src/core/asn1/spki.js';
import { toBytes } from '../../src/core/base/bytes/integers.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { primeFrom, rsaFrom } from './seeded.js';

/** Padded to a multiple of `unit` bytes. */
const padded = (value: Buffer, unit: number) =>
  Buffer.concat([Buffer.alloc((unit - (value.length % unit)) % unit), value]);

const FORMS: Readonly<Record<string, (bigEndian: Buffer) => Buffer>> = {
  'limbs-le': (value) => LAYOUTS['limbs-le']!(padded(value, 8)),
  'bytes-be': (value) => value,
  'int32-msw': (value) => LAYOUTS['int32-msw']!(padded(value, 4)),
};

/**
 * Bits of n, with p and q of whole words plus or minus a few bits, bytes or 32-bit integers, of an odd number
 * of words, and of half a word more.
 */
const SIZES = [960, 1000, 1030, 1040, 1088, 1100, 1152, 1216, 1366, 1500, 2050, 2176, 2360, 3000, 3584];

const KEYS = new Map(SIZES.map((bits) => [bits, rsaFrom('odd', bits)]));

describe('RSA keys of which no number fills its words', () => {
  test.each(Object.keys(FORMS))('are found as %s', (form) => {
    for (const bits of SIZES) {
      const key = KEYS.get(bits)!;
      const memory = new Memory();
      const random = new SeededRandom(`${form} ${bits}`);
      memory.filler(512);
      for (const name of ['q', 'n', 'p']) {
        memory.noise(random, 7, 9);
        memory.chunk(FORMS[form]!(parts(key)[name]!));
        memory.noise(random, 7, 12);
      }
      const found = describeAll(searchBytes(memory.bytes()));
      expect([bits, found.map(({ spki, encoding }) => [spki, encoding])]).toEqual([
        bits,
        [[spkiOf(key), form]],
      ]);
    }
  });

  test('are found in mixed encodings, and by one prime if the public key is known', () => {
    const forms = Object.values(FORMS);
    for (const bits of [1000, 1366, 3000]) {
      const key = KEYS.get(bits)!;
      const { p, q, n } = parts(key);
      const memory = new Memory();
      for (const [i, value] of [p!, n!, q!].entries()) memory.chunk(forms[i]!(value));
      expect([bits, describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki)]).toEqual([
        bits,
        [spkiOf(key)],
      ]);
      for (const write of forms) {
        const one = new Memory();
        one.chunk(write(q!));
        const publicKeys = [{ spki: Buffer.from(spkiOf(key), 'base64') }];
        const found = describeAll(searchBytes(one.bytes(), { publicKeys }));
        expect([bits, found.map(({ spki }) => spki)]).toEqual([bits, [spkiOf(key)]]);
      }
    }
  });

  test('are found if the primes fill their words and the modulus is one bit shorter', () => {
    const random = new SeededRandom('a bit less');
    const [p, q] = [0, 1].map(() => {
      for (;;) {
        const value = primeFrom(random, 511) + (1n << 511n) - (3n << 509n);
        if (checkPrimeSync(value)) return value;
      }
    }) as [bigint, bigint];
    const n = p * q;
    expect(n.toString(2)).toHaveLength(1023);
    for (const [form, write] of Object.entries(FORMS)) {
      const memory = new Memory();
      for (const value of [p, q, n]) memory.chunk(write(Buffer.from(toBytes(value))));
      const found = describeAll(searchBytes(memory.bytes()));
      const spki = Buffer.from(spkiRsa(toBytes(n), toBytes(65_537n))).toString('base64');
      expect(found.map((each) => [each.spki, each.encoding])).toEqual([[spki, form]]);
    }
  });

  test('are found if the highest byte of a full word is zero', () => {
    const random = new SeededRandom('a zero at a word');
    const [p, q] = [0, 1].map(() => {
      for (;;) {
        // 63 bytes, seven of them in the last word.
        const value = primeFrom(random, 500);
        const holed = value - (((value >> 56n) & 0xffn) << 56n);
        if (checkPrimeSync(holed)) return holed;
      }
    }) as [bigint, bigint];
    const memory = new Memory();
    for (const value of [p, q, p * q]) memory.chunk(Buffer.from(toBytes(value)));
    const spki = Buffer.from(spkiRsa(toBytes(p * q), toBytes(65_537n))).toString('base64');
    expect(describeAll(searchBytes(memory.bytes())).map((each) => each.spki)).toEqual([spki]);
  });

  test.each([
    ['BigInteger.mag', 10, FORMS['int32-msw']!, 4],
    ['bytes', 8, FORMS['bytes-be']!, 1],
  ])('are found in %s of a heap dump', (_, type, write, size) => {
    for (const bits of SIZES) {
      const key = KEYS.get(bits)!;
      const heap = new HprofBuilder(8);
      const random = new SeededRandom(`heap ${bits}`);
      heap.primitiveArray(1, 8, Buffer.from('text of a class'));
      for (const [i, name] of ['p', 'q', 'n'].entries()) {
        const value = write(parts(key)[name]!);
        heap.primitiveArray(0x1000 + i, type, size === 4 ? value.swap32() : value);
        heap.primitiveArray(0x2000 + i, 10, random.bytes(96));
      }
      heap.heap();
      const found = describeAll(searchBytes(heap.done()));
      expect([bits, found.map(({ spki, encoding }) => [spki, encoding])]).toEqual([
        bits,
        [[spkiOf(key), 'bytes-be']],
      ]);
    }
  });
});
