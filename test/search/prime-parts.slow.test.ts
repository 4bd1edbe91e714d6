import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

const BITS = [1024, 2048, 4096] as const;
const keys = new Map(BITS.map((bits) => [bits, rsaFrom('parts', bits)]));
const spkiBytes = (bits: (typeof BITS)[number]) => Buffer.from(spkiOf(keys.get(bits)!), 'base64');

/** By bits of the modulus: words of a prime, and words that can be lost. */
const WORDS = { 1024: [8, 2], 2048: [16, 5], 4096: [32, 10] } as const;

/**
 * A chunk freed by glibc: its first 16 bytes are a mangled pointer and the random key of the thread's cache.
 */
function freed(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  copy.writeBigUInt64LE(0x0005_5555_5617n);
  copy.writeBigUInt64LE(0x8f1e_77c3_a9b2_d465n, 8);
  return copy;
}

type Loss = (value: Buffer, words: number) => Buffer;

/** Words overwritten at the front, or missing at the back, where a page ends. */
const LOSSES: Record<string, Loss> = {
  front: (value, words) => Buffer.concat([Buffer.alloc(words * 8), value.subarray(words * 8)]),
  back: (value, words) =>
    Buffer.concat([value.subarray(0, value.length - words * 8), Buffer.alloc(words * 8)]),
};

function plant(value: Buffer): { dump: Buffer; at: number } {
  const memory = new Memory();
  const random = new SeededRandom('parts of primes');
  memory.filler(1024);
  memory.noise(random, 4, 14);
  const at = memory.chunk(value);
  memory.filler(512);
  return { dump: memory.bytes(), at };
}

const targetOf = (bits: (typeof BITS)[number]) => ({
  publicKeys: [{ spki: spkiBytes(bits), isTarget: true }],
});

describe('a part of a prime of a target', () => {
  const cases = BITS.flatMap((bits) =>
    ['p', 'q'].flatMap((name) =>
      ['limbs-le', 'bytes-be'].flatMap((layout) =>
        Object.keys(LOSSES).map((end) => ({ bits, name, layout, end })),
      ),
    ),
  );

  test.each(cases)(
    'gives the key: $bits bits, $name as $layout, lost at the $end',
    ({ bits, name, layout, end }) => {
      const [words, most] = WORDS[bits];
      const whole = LAYOUTS[layout]!(parts(keys.get(bits)!)[name]!);
      for (const lost of [1, most]) {
        const { dump, at } = plant(LOSSES[end]!(whole, lost));
        const found = searchBytes(dump, targetOf(bits));
        expect(describeAll(found)).toEqual([
          {
            spki: spkiOf(keys.get(bits)!),
            encoding: layout,
            offset: end === 'front' ? at + lost * 8 : at,
          },
        ]);
        const [{ length, partial, component, evidence }] = found.candidates as [(typeof found.candidates)[0]];
        expect({ length, partial, component }).toEqual({
          length: (words - lost) * 8,
          partial: true,
          component: name,
        });
        const where = end === 'front' ? 'first' : 'last';
        expect(evidence).toEqual([`the ${where} ${lost * 8} bytes of ${name} are lost and were computed`]);
        expect(found.limits).toEqual([]);
      }
    },
  );

  test.each(['limbs-le', 'bytes-be'])('is found in a freed block: %s', (layout) => {
    for (const bits of BITS) {
      const { dump, at } = plant(freed(LAYOUTS[layout]!(parts(keys.get(bits)!).p!)));
      const found = searchBytes(dump, targetOf(bits));
      expect(describeAll(found).map(({ offset }) => offset)).toEqual([at + 16]);
    }
  });

  test('is found if it is cut off at the end of a dump', () => {
    const { dump, at } = plant(LAYOUTS['bytes-be']!(parts(keys.get(2048)!).q!));
    const found = searchBytes(dump.subarray(0, at + 96), targetOf(2048));
    expect(describeAll(found).map(({ offset }) => offset)).toEqual([at]);
    expect(found.candidates[0]!.evidence).toEqual(['the last 32 bytes of q are lost and were computed']);
  });

  test('of another key gives no key', () => {
    const other = rsaFrom('another', 2048);
    const { dump } = plant(freed(LAYOUTS['limbs-le']!(parts(other).p!)));
    expect(searchBytes(dump, targetOf(2048)).candidates).toEqual([]);
  });

  test('is not found if more is lost than the method allows', () => {
    const whole = LAYOUTS['limbs-le']!(parts(keys.get(2048)!).p!);
    for (const lost of [6, 8, 12])
      expect(searchBytes(plant(LOSSES.front!(whole, lost)).dump, targetOf(2048)).candidates).toEqual([]);
  });
});

describe('a part of a prime of a modulus that is no target needs --deep', () => {
  test.each([true, false])('modulus present as a bare number: %s', (bare) => {
    const value = freed(LAYOUTS['limbs-le']!(parts(keys.get(2048)!).p!));
    const memory = new Memory();
    memory.filler(512);
    if (bare) memory.chunk(LAYOUTS['limbs-le']!(parts(keys.get(2048)!).n!));
    memory.chunk(value);
    const dump = memory.bytes();
    const known = { publicKeys: [{ spki: spkiBytes(2048) }] };
    expect(searchBytes(dump, known).candidates).toEqual([]);
    expect(searchBytes(dump, known, true).candidates).toHaveLength(1);
  });
});

test('parts beyond the budget are reported', () => {
  const memory = new Memory();
  const random = new SeededRandom('parts without end');
  memory.noise(random, 6000, 14);
  const { limits } = searchBytes(memory.bytes(), targetOf(2048));
  const limit = limits.find(({ search }) => search === 'rsa-known-n parts');
  expect(limit?.reason).toMatch(/^\d+ parts of primes were not tried with known moduli: the search's budget/);
});
