import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { looksRandom } from '../../src/search/core/randomness-test.js';
import { NOISE_MOMENTS, pairLimit, pairScores, SCORES } from '../../src/sweep/runs/limits.js';

/** Share of windows that pass. */
function passing(bytes: Buffer, length: number): number {
  let passed = 0;
  let all = 0;
  for (let at = 0; at + length <= bytes.length; at += length, all++)
    if (looksRandom(bytes, at, length)) passed++;
  return passed / all;
}

describe('the gate', () => {
  test('weighs every byte value', () => {
    expect(SCORES).toHaveLength(256);
  });

  test('weighs every pair, and knows what noise scores', () => {
    const scores = pairScores();
    expect(scores).toHaveLength(65_536);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
    // All triples, the byte in the middle shared.
    const rows = Array.from({ length: 256 }, (_, byte) => byte);
    const first = rows.map((b) => rows.reduce((sum, a) => sum + scores[a * 256 + b]!, 0) / 256 - mean);
    const second = rows.map((b) => rows.reduce((sum, c) => sum + scores[b * 256 + c]!, 0) / 256 - mean);
    const covariance = rows.reduce((sum, b) => sum + first[b]! * second[b]!, 0) / 256;
    expect(NOISE_MOMENTS.mean).toBeCloseTo(mean, 3);
    expect(NOISE_MOMENTS.variance).toBeCloseTo(variance, 3);
    expect(NOISE_MOMENTS.covariance).toBeCloseTo(covariance, 3);
  });

  test.each([32, 48, 64, 128])(
    'bounds the pairs of %i bytes so that one random window in 1,000 is lost at most',
    (length) => {
      const scores = pairScores();
      const bytes = randomBytes(length * 20_000);
      let above = 0;
      for (let at = 0; at < bytes.length; at += length) {
        let sum = 0;
        for (let i = at; i + 1 < at + length; i++) sum += scores[bytes.readUInt16BE(i)]!;
        if (sum > pairLimit(length)) above++;
      }
      expect(above).toBeLessThan(20);
    },
  );

  test.each([32, 48, 64, 72, 128])('passes nearly all random windows of %i bytes', (length) => {
    expect(passing(randomBytes(length * 20_000), length)).toBeGreaterThan(0.997);
  });

  test('passes next to no machine code', () => {
    const code = readFileSync(process.execPath).subarray(0x100_0000, 0x180_0000);
    expect(passing(code, 32)).toBeLessThan(0.005);
    expect(passing(code, 48)).toBeLessThan(0.002);
  });

  test('passes no text, no counter and no repeated word', () => {
    const text = Buffer.alloc(64, 'It was the best of times, it was the worst of times; ');
    const counter = Buffer.from(Array.from({ length: 64 }, (_, i) => 128 + i));
    for (const bytes of [text, counter.fill(counter.subarray(0, 16)), Buffer.alloc(64, randomBytes(8))])
      expect(looksRandom(bytes, 0, 32)).toBe(false);
  });
});
