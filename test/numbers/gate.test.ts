import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SCORES } from '../../src/noise/limits.js';
import { looksRandom } from '../../src/numbers/gate.js';

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

  test.each([32, 48, 64, 72, 128])('passes nearly all random windows of %i bytes', (length) => {
    expect(passing(randomBytes(length * 20_000), length)).toBeGreaterThan(0.997);
  });

  test('passes next to no machine code', () => {
    const code = readFileSync(process.execPath).subarray(0x100_0000, 0x180_0000);
    expect(passing(code, 32)).toBeLessThan(0.02);
    expect(passing(code, 48)).toBeLessThan(0.01);
  });

  test('passes no text, no counter and no repeated word', () => {
    const text = Buffer.alloc(64, 'It was the best of times, it was the worst of times; ');
    const counter = Buffer.from(Array.from({ length: 64 }, (_, i) => 128 + i));
    for (const bytes of [text, counter.fill(counter.subarray(0, 16)), Buffer.alloc(64, randomBytes(8))])
      expect(looksRandom(bytes, 0, 32)).toBe(false);
  });
});
