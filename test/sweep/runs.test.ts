import { describe, expect, test } from '@jest/globals';
import { HitList } from '../../src/sweep/hits.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { RunJoiner } from '../../src/sweep/runs/run-joiner.js';
import { NOISE_SCORES } from '../../src/sweep/runs/weights.js';
import fc from '../support/property.js';
import { KERNELS, type KernelName, kernelFor } from '../support/scalar-kernel/kernels.js';
import { fusedBatches, literal, noise } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);

interface Found {
  word: number;
  words: number;
  random: boolean;
}

/** The 28 values that score highest, of which a window may have 12. */
const byScore = [...NOISE_SCORES.keys()].sort((a, b) => NOISE_SCORES[b]! - NOISE_SCORES[a]! || a - b);
const common = new Set(byScore.slice(0, 28));

/** Runs by their definition, word by word over the whole data. */
function naiveRuns(data: Buffer): Found[] {
  const padded = Buffer.concat([data, Buffer.alloc(64)]);
  const words = Math.ceil(data.length / 8);
  const good: boolean[] = [];
  const soft: boolean[] = [];
  for (let w = 0; w < words + 1; w++) {
    const bytes = [...padded.subarray(8 * w, 8 * w + 8)];
    const zeros = bytes.filter((byte) => byte === 0).length;
    const tops = bytes.filter((byte) => byte >= 0x80).length;
    good.push(zeros < 2 && tops > 0 && tops < 8);
    soft.push(zeros < 3);
  }
  const inRun = good.map((g, w) => g || (soft[w]! && w > 0 && good[w - 1]! && (good[w + 1] ?? false)));
  const gate = (word: number) => {
    const bytes = [...padded.subarray(8 * word, 8 * word + 32)];
    const score = bytes.reduce((sum, byte) => sum + NOISE_SCORES[byte]!, 0);
    const all = (fits: (byte: number, i: number) => boolean) => bytes.every(fits);
    const most = all((byte, i) => (i % 4 === 0 ? byte % 2 === 0 : i % 4 < 3 || byte < 8))
      ? 192
      : all((byte, i) => i % 4 < 3 || byte < 0x40)
        ? 64
        : all((byte, i) => i % 8 < 7 || byte < 0x10)
          ? 88
          : undefined;
    if (most === undefined && bytes.filter((byte) => common.has(byte)).length > 12) return false;
    return score <= (most ?? 16) && new Set(bytes).size >= 24;
  };
  const found: Found[] = [];
  for (let w = 0; w < words; w++) {
    if (!inRun[w]) continue;
    let end = w;
    while (end < words && inRun[end]) end++;
    if (end - w >= 3) {
      const words = end - w;
      const first = gate(w) || (words === 3 && w > 0 && gate(w - 1));
      found.push({ word: w, words, random: first || (words > 4 && gate(end - 4)) });
    }
    w = end;
  }
  return found;
}

function sweep(name: KernelName, data: Buffer, chunk: number): { word: number; words: number }[] {
  const joiner = new RunJoiner();
  const found = [];
  for (const { runs, to } of fusedBatches(name, net, data, chunk)) found.push(...joiner.push(runs!, to));
  found.push(...joiner.finish());
  return found.map(({ offset, words }) => ({ word: offset / 8, words }));
}

/** Asserts that a kernel finds every run that looks random, and of the others only those that touch a cut. */
function expectRuns(name: KernelName, data: Buffer, chunk: number): void {
  const all = naiveRuns(data);
  const expected = all.filter(({ random }) => random).map(({ word, words }) => ({ word, words }));
  const touchesCut = ({ word, words }: { word: number; words: number }) =>
    Math.floor((8 * word - 8) / chunk) !== Math.floor((8 * (word + words)) / chunk) ||
    8 * (word + words) >= data.length;
  const extra = all
    .filter((run) => !run.random && touchesCut(run))
    .map(({ word, words }) => ({ word, words }));
  const found = sweep(name, data, chunk);
  expect(found).toEqual(expect.arrayContaining(expected));
  const allowed = new Set([...expected, ...extra].map((run) => JSON.stringify(run)));
  expect(found.filter((run) => !allowed.has(JSON.stringify(run)))).toEqual([]);
  expect(new Set(found.map(({ word }) => word)).size).toBe(found.length);
}

const word = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }) },
  { weight: 2, arbitrary: fc.constant(new Uint8Array(8)) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('67452301efcdab89', 'hex')) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('0000000012345678', 'hex')) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('a000b000c0d0e0f0', 'hex')) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('lowertxt')) },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(8, 0xff)) },
);
/**
 * Masks of the digits of big integers: V8's small integers of 26 bits with compressed pointers, even and
 * below 2^27; digits of 30 and of 60 bits.
 */
const DIGITS = ['feffff07feffff07', 'ffffff3fffffff3f', 'ffffffffffffff0f'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

function digits(words: number): Buffer {
  const mask = DIGITS[words % DIGITS.length]!;
  return noise(8 * words, words + 1000).map((byte, i) => byte & mask[i % 8]!) as Buffer;
}

const CHUNKS = [64, 128, 512, 1 << 20];

describe.each(KERNELS)('entropy net, kernel %s', (name) => {
  test('finds the runs of the definition for any chunks and cuts', () => {
    const soups = fc.array(
      fc.oneof(
        word,
        fc.nat(40).map((n) => noise(8 * n, n)),
        fc.nat(40).map(digits),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(soups, fc.constantFrom(...CHUNKS), fc.nat(7), (parts, chunk, cut) => {
        const whole = Buffer.concat(parts);
        expectRuns(name, whole.subarray(0, Math.max(0, whole.length - cut)), chunk);
      }),
      { numRuns: 300 },
    );
  });

  test('finds a number of 4 to 64 words at every offset around a cut', () => {
    for (const words of [4, 5, 16, 64]) {
      for (let at = 1024 - 8 * words - 16; at <= 1024 + 16; at += 8) {
        const data = Buffer.alloc(2048);
        noise(8 * words, at).copy(data, at);
        expectRuns(name, data, 1024);
      }
    }
  });

  test('accepts windows of up to 12 common bytes', () => {
    // The other bytes have the lowest scores, so that the score
    // passes; top bits alternate, so that each word is GOOD.
    const window = (many: number) => {
      const picked = [...byScore.slice(12, 12 + many), ...byScore.slice(-(32 - many))];
      const top = picked.filter((byte) => byte > 127);
      const low = picked.filter((byte) => byte <= 127);
      return Buffer.from(
        Array.from({ length: 32 }, (_, i) => (i % 2 ? top.pop() : low.pop()) ?? (top.pop() ?? low.pop())!),
      );
    };
    for (const many of [11, 12, 13, 14]) {
      const data = Buffer.concat([Buffer.alloc(64), window(many), Buffer.alloc(64)]);
      const score = window(many).reduce((sum, byte) => sum + NOISE_SCORES[byte]!, 0);
      expect([many, score <= 16, sweep(name, data, 1 << 20).length]).toEqual([many, true, many > 12 ? 0 : 1]);
      expectRuns(name, data, 1 << 20);
    }
  });

  test('does not carry the margin of one call over to the next', () => {
    // The margin of the first chunk is noise, and the file has changed when the second one is read.
    const kernel = kernelFor(name, net, true);
    const chunk = 32 * 1024;
    const window = kernel.window(chunk + 1024);
    window.fill(0);
    noise(512, 1).copy(window, chunk);
    const scan = (margin: number) => {
      kernel.runs!.clear();
      kernel.scan(0, chunk, chunk + margin, 0, new HitList());
      return kernel.runs!.finish(0).ids.length;
    };
    scan(net.longest);
    window.fill(0);
    window[512] = 1;
    expect(scan(0)).toBe(0);
  });

  test('finds mostly one run in random data', () => {
    const data = noise(300_000, 3);
    const [first, ...more] = sweep(name, data, 1 << 16);
    expect(more.length).toBeLessThan(8);
    expect(first!.words).toBeGreaterThan(1000);
    expectRuns(name, data, 1 << 16);
  });

  test('finds runs between skipped blocks of zeros', () => {
    const data = Buffer.alloc(3 * 16384 + 4096);
    for (const at of [0, 16384 - 32, 2 * 16384 + 8, 3 * 16384 + 1024]) noise(64, at).copy(data, at);
    expectRuns(name, data, 1 << 20);
    expect(sweep(name, data, 1 << 20)).toHaveLength(naiveRuns(data).length);
  });
});
