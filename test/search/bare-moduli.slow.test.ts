import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, parts, searchBytes, searchSparse, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** A slab of numbers without gaps, and a number that fills a block alone; no certificate. */
function heap(seed: string, slab: readonly Buffer[], alone: Buffer): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(1024);
  memory.chunk(Buffer.concat(slab));
  memory.noise(random, 12, alone.length / 8);
  memory.filler(512);
  memory.chunk(alone);
  memory.noise(random, 12, alone.length / 8);
  return memory.bytes();
}

const numbersOf = (seed: string, bits: number) => {
  const key = rsaFrom(seed, bits);
  return { key, ...(parts(key) as Record<'n' | 'p' | 'q' | 'dp' | 'dq' | 'qi', Buffer>) };
};

describe('n alone in a run, and p at the edge of a run too long for windows inside it', () => {
  test.each(['limbs-le', 'bytes-be'])('give the key: %s', (layout) => {
    const write = LAYOUTS[layout]!;
    for (const bits of [1024, 2048, 3072, 4096]) {
      const { key, n, p, q, dp, dq, qi } = numbersOf(`split ${layout}`, bits);
      // A slab allocator leaves earlier contents: 1.8 times the parts of a key.
      const padded = [p, q, dp, dq, qi].map((part) =>
        write(Buffer.concat([Buffer.alloc(bits / 16 - part.length), part])),
      );
      const slab = Array.from({ length: Math.ceil((100 * 128) / bits) }, () => padded).flat();
      const bytes = heap(`${layout} ${bits}`, slab, write(n));
      const found = searchBytes(bytes);
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: layout, offset: bytes.indexOf(padded[0]!) },
      ]);
      expect(found.candidates[0]).toMatchObject({
        component: 'p',
        evidence: [`the number here divides the one at 0x${bytes.indexOf(write(n)).toString(16)}`],
      });
    }
  });

  test('give the key by its smaller prime, q, as well', () => {
    const { key, n, p, q } = numbersOf('smaller', 2048);
    const [smaller, larger] = [p, q].sort(Buffer.compare);
    for (const [prime, component] of [
      [smaller!, 'q'],
      [larger!, 'p'],
    ] as const) {
      const write = LAYOUTS['limbs-le']!;
      const found = searchBytes(heap('smaller', [write(prime)], write(n)));
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
      expect(found.candidates[0]).toMatchObject({ component });
    }
  });

  test('give no key if they belong to different keys', () => {
    const write = LAYOUTS['limbs-le']!;
    const [one, other] = [numbersOf('one', 2048), numbersOf('other', 2048)];
    const slab = Array.from({ length: 4 }, () => [one.p, one.q, other.dp, other.dq].map(write)).flat();
    expect(describeAll(searchBytes(heap('two', slab, write(other.n))))).toEqual([]);
  });

  test('are reported if there are more than the budget allows', () => {
    const memory = new Memory();
    const random = new SeededRandom('many');
    memory.filler(1024);
    // Windows without small factors remain: a fourth of odd numbers, half of them with a factor below 1,000.
    memory.noise(random, 1000, 16);
    memory.noise(random, 100, 8);
    // A sixteenth of the budget for a fourth of both sorts of numbers.
    const { limits } = searchBytes(memory.bytes(), {}, false, undefined, 1 / 16);
    expect(limits.map(({ search }) => search)).toContain('rsa-unknown-n moduli');
    expect(limits.find(({ search }) => search === 'rsa-unknown-n moduli')?.reason).toMatch(
      /^\d+ numbers were not tried as multiples of others/,
    );
    expect(searchBytes(memory.bytes(), {}, true).limits).toEqual([]);
  });

  test('are all divided if there are few for the size of the dump', () => {
    const memory = new Memory();
    memory.filler(1024);
    memory.noise(new SeededRandom('many'), 4000, 16);
    memory.noise(new SeededRandom('some'), 400, 8);
    const [small, large] = [2 ** 26, 2 ** 33].map((length) =>
      searchSparse(memory.bytes(), length).limits.map(({ search }) => search),
    );
    expect(small).toContain('rsa-unknown-n moduli');
    expect(large).not.toContain('rsa-unknown-n moduli');
  });
});
