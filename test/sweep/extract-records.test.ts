import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { IGNORE_NUMBERS } from '../../src/search/rsa/heap-array.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { KEPT_MARGIN, MOST_KEPT, partsOf } from '../../src/sweep/runs/extractor.js';
import { RecordReader } from '../../src/sweep/runs/records.js';
import { RunJoiner } from '../../src/sweep/runs/run-joiner.js';
import { SharedTickets, sweepTask } from '../../src/sweep/sweep-task.js';
import fc from '../support/property.js';
import { type KernelName, kernelFor } from '../support/scalar-kernel/kernels.js';
import { fusedBatches, literal, noise } from './oracle.js';
import { type Extracted, extracted, readAll } from './runs/extracted.js';
import { soup } from './runs/soup.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);

interface Taken {
  all: Extracted[];
  /** Count of numbers that came with the batches. */
  inBatches: number;
}

/** Numbers of all runs: those extracted by the sweep, and those of the runs that it left in its batches. */
function take(name: KernelName, data: Buffer, chunk: number): Taken {
  const joiner = new RunJoiner();
  const all: Extracted[] = [];
  let inBatches = 0;
  const add = (runs: Iterable<{ offset: number; words: number }>) => {
    for (const { offset, words } of runs) all.push(...extracted(data, offset, words));
  };
  for (const { runs, numbers, to } of fusedBatches(name, net, data, chunk, { numbers: true })) {
    add(joiner.push(runs!, to));
    const taken = readAll(numbers!);
    inBatches += taken.length;
    all.push(...taken);
  }
  add(joiner.finish());
  return { all, inBatches };
}

const keys = ({ all }: Taken) => all.map((each) => JSON.stringify(each)).sort();

describe.each(['relaxed', 'simd'] as const)('numbers taken by the sweep, kernel %s', (name) => {
  test('are the same for any chunks', () => {
    let inBatches = 0;
    fc.assert(
      fc.property(soup, fc.constantFrom(64, 8192, 16384), fc.nat(63), (data, chunk, shift) => {
        const whole = Buffer.concat([Buffer.alloc(2048 + shift * 8), data, Buffer.alloc(1 << 13)]);
        const taken = take(name, whole, chunk);
        inBatches += taken.inBatches;
        expect(keys(taken)).toEqual(keys(take('scalar', whole, 1 << 20)));
      }),
      { numRuns: 100 },
    );
    expect(inBatches).toBeGreaterThan(100);
  });

  test.each([4, 12, 40])(
    'of %i words are found at every offset around a cut and its surroundings',
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

test('a flood of records ends a batch, and the other runs of its chunk are left', () => {
  const data = noise(1 << 20, 1);
  for (let at = 0; at < data.length; at += 8) data[at] = 4;
  for (let at = 0; at < data.length; at += 65 * 8) data.fill(0, at, at + 8);
  const kernel = kernelFor('simd', net, true);
  const task = { from: 0, to: data.length, chunk: 1 << 20, longest: net.longest };
  const all = sweepTask(bufferReader(data), kernel, task).runs!.offsets;
  const { runs, numbers } = sweepTask(bufferReader(data), kernel, { ...task, numbers: true });
  expect(numbers!.byteLength).toBeGreaterThan(8 << 20);
  expect(numbers!.byteLength).toBeLessThan(13 << 20);
  const taken: number[] = [];
  const run = (offset: number): void => void taken.push(offset);
  new RecordReader(numbers!).takeTo(Number.POSITIVE_INFINITY, { ...IGNORE_NUMBERS, run });
  expect(runs!.offsets.length).toBeGreaterThan(100);
  expect([...taken, ...runs!.offsets].sort((a, b) => a - b)).toEqual([...all]);
});

/** The parts of a run whose bytes are kept: offset from the run's first byte, and length. */
const keptOf = (words: number) =>
  partsOf(words).map((part) => ({
    from: part.from * 8 - KEPT_MARGIN,
    length: part.words * 8 + 2 * KEPT_MARGIN,
  }));

describe('the bytes of runs', () => {
  const data = Buffer.concat([
    Buffer.alloc(4096),
    noise(64 * 8),
    Buffer.alloc(4096),
    noise(3000 * 8),
    Buffer.alloc(1 << 16),
  ]);

  /**
   * The kept bytes of each run that numbers were extracted from. (A long run that does not begin as an object
   * is part of a longer one that the net split by chance.)
   */
  function keptWith(shared?: SharedTickets): { offset: number; words: number; kept: Buffer }[] {
    const kernel = kernelFor('simd', net, true);
    const task = { from: 0, to: data.length, chunk: 1 << 20, longest: net.longest, numbers: true };
    const { numbers } = sweepTask(bufferReader(data), kernel, task, shared);
    const all: { offset: number; words: number; kept: Buffer }[] = [];
    new RecordReader(numbers!).takeTo(Number.POSITIVE_INFINITY, {
      ...IGNORE_NUMBERS,
      run: (offset, words, body, kept) => {
        if (!body) all.push({ offset, words, kept: Buffer.from(kept) });
      },
    });
    return all;
  }

  test('come with their surroundings; of long runs only the ends', () => {
    const all = keptWith();
    expect(all.length).toBeGreaterThanOrEqual(2);
    for (const { offset, words, kept } of all) {
      const expected = keptOf(words).map(({ from, length }) =>
        data.subarray(offset + from, offset + from + length),
      );
      expect(kept.equals(Buffer.concat(expected))).toBe(true);
    }
  });

  // Runs that only the net takes for random are a quarter
  // of dense memory: counted, they would exhaust the limit.
  test('count if they are in the batch; those of runs that only the net takes for random do not', () => {
    const kernel = kernelFor('simd', net, true);
    // The end of an image file.
    const picture = Buffer.from(
      '01000006002c00000000070007000003146864bc44c38c27871d81cd21f48d0f3739995224003b210000000085a97768',
      'hex',
    );
    const whole = Buffer.concat([data.subarray(0, 8192), ...Array(50).fill(picture), Buffer.alloc(4096)]);
    const shared = SharedTickets.forTasks(0);
    const task = { from: 0, to: whole.length, chunk: 1 << 20, longest: net.longest };
    const { numbers } = sweepTask(bufferReader(whole), kernel, { ...task, numbers: true }, shared);
    const netRuns = sweepTask(bufferReader(whole), kernel, task).runs!.offsets.length;
    let kept = 0;
    let runs = 0;
    new RecordReader(numbers!).takeTo(Number.POSITIVE_INFINITY, {
      ...IGNORE_NUMBERS,
      run: (_offset, _words, _body, bytes) => {
        kept += bytes.length;
        runs++;
      },
    });
    expect(runs).toBeGreaterThan(0);
    expect(netRuns).toBeGreaterThan(runs + 20);
    expect(new Int32Array(shared.memory)[1]).toBe(kept);
  });

  test('are left out once all threads together have reached the limit', () => {
    const shared = SharedTickets.forTasks(0);
    const other = SharedTickets.from(shared.memory);
    const whole = keptWith(shared).reduce((sum, { kept }) => sum + kept.length, 0);
    expect(whole).toBeGreaterThan(1024 * 8);
    expect(keptWith(other).every(({ kept }) => kept.length > 0)).toBe(true);
    other.addRunBytes(MOST_KEPT - 2 * whole - 1);
    expect(keptWith(shared).every(({ kept }) => kept.length > 0)).toBe(true);
    const after = keptWith(shared);
    expect(after.length).toBeGreaterThanOrEqual(2);
    expect(after.every(({ kept }) => kept.length === 0)).toBe(true);
  });
});
