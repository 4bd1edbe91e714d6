import { describe, expect, test } from '@jest/globals';
import { compileLiterals } from '../../src/sweep/literals.js';
import { RunJoiner } from '../../src/sweep/runs/run-joiner.js';
import fc from '../support/property.js';
import { KERNELS, type KernelName } from '../support/scalar-kernel/kernels.js';
import { expectAsDefined } from './as-defined.js';
import { fusedBatches, literal } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);
const BLOCK = 64;

type DigitRun = { offset: number; words: number };

/**
 * The definition, block by block: eight small integers of either engine or eight doubles, no two adjacent
 * ones equal, at least two of them large; or the same for the four of a half.
 */
function naive(data: Buffer): DigitRun[] {
  const runs: DigitRun[] = [];
  const holds = (at: number, count: number): boolean => {
    const words = Array.from({ length: count }, (_, i) => data.subarray(at + 8 * i, at + 8 * i + 8));
    const small = words.map((word) => (word.readUInt32LE() === 0 ? word.readUInt32LE(4) : -1));
    const double = words.map((word) => word.readDoubleLE());
    const tagged = words.map((word) => (word.readUInt32LE(4) === 0xfffe0000 ? word.readUInt32LE() : -1));
    return [small, double, tagged].some(
      (digits) =>
        digits.every((digit) => Number.isInteger(digit) && digit >= 1 && digit < 2 ** 28) &&
        digits.every((digit, i) => digit !== digits[i - 1]) &&
        digits.filter((digit) => digit >= 2 ** 24).length > 1,
    );
  };
  for (let at = 0; at + BLOCK <= data.length; at += BLOCK) {
    const all = holds(at, 8);
    for (const half of [at, at + BLOCK / 2]) {
      if (!all && !holds(half, 4)) continue;
      const last = runs.at(-1);
      if (last && last.offset + last.words * 8 === half) last.words += 4;
      else runs.push({ offset: half, words: 4 });
    }
  }
  return runs;
}

function sweep(name: KernelName, data: Buffer, chunk: number): DigitRun[] {
  const joiner = new RunJoiner();
  const runs: DigitRun[] = [];
  for (const { digits, to } of fusedBatches(name, net, data, chunk)) runs.push(...joiner.push(digits!, to));
  return [...runs, ...joiner.finish()];
}

const small = (digit: number) => {
  const word = Buffer.alloc(8);
  word.writeUInt32LE(digit, 4);
  return word;
};
const tagged = (digit: number) => {
  const word = Buffer.alloc(8);
  word.writeUInt32LE(digit);
  word.writeUInt32LE(0xfffe0000, 4);
  return word;
};
const double = (digit: number) => {
  const word = Buffer.alloc(8);
  word.writeDoubleLE(digit);
  return word;
};

const digit = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 2 ** 23, max: 2 ** 28 - 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 255, 2 ** 24 - 1, 2 ** 24, 2 ** 28, 2 ** 28 + 1, 2 ** 31) },
);
const odd = fc.oneof(
  fc.constantFrom(0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 28, 123456.5, -(2 ** 27)).map(double),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.alloc(8)),
  fc.constant(Buffer.from('000000000000feff', 'hex')),
  fc.constant(Buffer.from('341200010000ffff', 'hex')),
);
const stretch = (word: (digit: number) => Buffer) =>
  fc.array(fc.oneof({ weight: 60, arbitrary: digit.map(word) }, { weight: 1, arbitrary: odd }), {
    minLength: 4,
    maxLength: 40,
  });
const memory = fc
  .array(fc.oneof(stretch(small), stretch(double), stretch(tagged), fc.array(odd, { maxLength: 8 })), {
    maxLength: 8,
  })
  .map((parts) => Buffer.concat(parts.flat()));

describe.each(KERNELS)('digit net, kernel %s', (name) => {
  test('finds the blocks of the definition for any chunks and cuts', () => {
    const cases = { chunks: [64, 128, 512, 1 << 20], numRuns: 400 };
    const found = expectAsDefined(memory, naive, (data, chunk) => sweep(name, data, chunk), cases);
    expect(found).toBeGreaterThan(100);
  });

  test.each([
    [37, 24],
    [10, 4],
  ])('finds a number of %i digits at every word', (count, least) => {
    const digits = Array.from({ length: count }, (_, i) => ((i + 1) * 0x9e3779b1) >>> 4);
    for (const word of [small, double, tagged]) {
      for (let at = 0; at < BLOCK; at += 8) {
        const data = Buffer.concat([Buffer.alloc(at), ...digits.map(word), Buffer.alloc(200)]);
        const runs = sweep(name, data, 128);
        expect(runs).toHaveLength(1);
        expect(runs[0]!.words).toBeGreaterThanOrEqual(least);
      }
    }
  });
});
