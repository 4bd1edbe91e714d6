import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/storage.js';
import { type KernelName, kernelFor, netFor } from '../../src/sweep/choose.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { RunJoiner } from '../../src/sweep/run-joiner.js';
import { sweepTask } from '../../src/sweep/task.js';
import { type Extracted, extracted, readAll } from '../noise/extracted.js';
import { soup } from '../noise/soup.js';
import fc from '../support/property.js';
import { literal, noise } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);

interface Taken {
  all: Extracted[];
  /** Numbers that came with the batches. */
  early: number;
}

/** Numbers of all runs: those that the sweep took, and those of the runs that it left. */
function take(name: KernelName, data: Buffer, chunk: number): Taken {
  const kernel = kernelFor(name, netFor(name, net), true);
  const joiner = new RunJoiner();
  const all: Extracted[] = [];
  let early = 0;
  const add = (runs: Iterable<{ offset: number; words: number }>) => {
    for (const { offset, words } of runs) all.push(...extracted(data, offset, words));
  };
  for (let from = 0; from < data.length; from += 4 * chunk) {
    const to = Math.min(data.length, from + 4 * chunk);
    const task = { from, to, chunk, longest: net.longest, numbers: true };
    const { runs, numbers } = sweepTask(bufferReader(data), kernel, task);
    add(joiner.push(runs!, to));
    const taken = readAll(numbers!);
    early += taken.length;
    all.push(...taken);
  }
  add(joiner.finish());
  return { all, early };
}

const keys = ({ all }: Taken) => all.map((each) => JSON.stringify(each)).sort();

describe.each(['relaxed', 'simd'] as const)('numbers taken by the sweep, kernel %s', (name) => {
  test('are the same however the data is cut', () => {
    let early = 0;
    fc.assert(
      fc.property(soup, fc.constantFrom(64, 8192, 16384), fc.nat(63), (data, chunk, shift) => {
        const whole = Buffer.concat([Buffer.alloc(2048 + shift * 8), data, Buffer.alloc(1 << 13)]);
        const taken = take(name, whole, chunk);
        early += taken.early;
        expect(keys(taken)).toEqual(keys(take('scalar', whole, 1 << 20)));
      }),
      { numRuns: 100 },
    );
    expect(early).toBeGreaterThan(100);
  });

  test.each([4, 12, 40])(
    'are found of %i words at every offset around a cut and what lies beside it',
    (words) => {
      const chunk = 8192;
      const edges = [2 * chunk - 2048, 2 * chunk, 2 * chunk + 2048].flatMap((edge) => [
        edge,
        edge - 8 * words,
      ]);
      for (const at of new Set(edges.flatMap((edge) => [-16, -8, 0, 8, 16].map((more) => edge + more)))) {
        const data = Buffer.alloc(4 * chunk);
        noise(8 * words, at).copy(data, at);
        expect(keys(take(name, data, chunk))).toEqual(keys(take('scalar', data, 1 << 20)));
      }
    },
  );
});

test('a kernel without WebAssembly leaves all runs to others', () => {
  const data = Buffer.concat([Buffer.alloc(4096), noise(64, 5), Buffer.alloc(8192)]);
  expect(take('scalar', data, 1 << 20).early).toBe(0);
});
