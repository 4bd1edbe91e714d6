import { expect, test } from '@jest/globals';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { GROUPS } from '../../src/search/curves/numbers/curve-numbers.js';
import { LIKELY, SCALAR } from '../../src/search/curves/numbers/number-flags.js';
import { BlockMultiples, type NumberBlock } from '../../src/search/curves/scalars/block-multiples.js';
import { StreamTrial } from '../../src/search/curves/scalars/stream-trial.js';
import { ScalarTrial } from '../../src/search/curves/scalars/trial.js';

const IDENTITIES = { id: 1, points: new Map() };
const SELECTION = {
  attempt: { curve: 'P-256', stored: 'memory', reading: 'limbs-le' },
  ...{ size: 32, from: 0, flags: 0, near: 255 },
} as const;

/** Counts the numbers of its blocks. */
class CountingTrial extends ScalarTrial {
  tried = 0;

  override matches({ numbers, size }: NumberBlock): Uint32Array {
    this.tried += numbers.length / size;
    return new Uint32Array(0);
  }
}

function triedOf(share: number, count: number, wordOf: (i: number) => number): number {
  const kernel = NumberKernel.take();
  const counting = new CountingTrial(() => new BlockMultiples(kernel), IDENTITIES);
  const shares = new Uint8Array(GROUPS).fill(share);
  const trial = new StreamTrial(counting, { places: [], selections: [{ ...SELECTION, shares }] });
  const words = new Uint32Array(8);
  const record = { words, bytes: Buffer.from(words.buffer), at: 0, size: 32, sum: 7, kind: 0 };
  for (let i = 0; i < count; i++) {
    words[1] = wordOf(i);
    trial.add({ ...record, offset: i * 40, detail: SCALAR | LIKELY });
  }
  trial.finish();
  kernel.release();
  return counting.tried;
}

test('a share of the numbers is tried, even if the bytes of all of them select them', () => {
  const spread = triedOf(32, 8000, (i) => Math.imul(i, 0x85ebca6b));
  expect(spread).toBeGreaterThan(800);
  expect(spread).toBeLessThan(1200);
  expect(triedOf(32, 8000, () => 0)).toBeLessThan(1300);
  expect(triedOf(255, 8000, () => 0)).toBe(8000);
  expect(triedOf(0, 8000, () => 0)).toBe(0);
});
