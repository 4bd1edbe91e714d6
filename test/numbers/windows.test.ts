import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { toBytes } from '../../src/integers.js';
import { PRIME_WORDS } from '../../src/noise/extractor.js';
import { SCORES, scoreLimit } from '../../src/noise/limits.js';
import { INNER, OWN, READING } from '../../src/noise/records.js';
import { bufferReader } from '../../src/storage.js';
import { extracted } from '../noise/extracted.js';
import fc from '../support/property.js';
import { LAYOUTS } from './memory.js';
import { findRuns } from './runs.js';
import { primeFrom } from './seeded.js';

const random = new SeededRandom('windows');

const SMALL = [...Array(110).keys()].filter(
  (n) => n > 2 && [2, 3, 5, 7].every((p) => n === p || n % p !== 0),
);
const SIEVE = [...SMALL, 257].filter((n) => n !== 1).map(BigInt);
const SIZES = new Set([...PRIME_WORDS, ...PRIME_WORDS.map((words) => words * 2)]);

/** What the kernel should keep of a run of `words` words at `start`, every window looked at on its own. */
function naive(bytes: Buffer, start: number, words: number): Set<string> {
  const kept = new Set<string>();
  for (const size of SIZES) {
    for (let i = 0; i + size <= words; i++) {
      const edge = i <= 1 || i >= words - size - 1;
      if (!edge && (words > 96 || size < 8)) continue;
      for (const shift of bytes[start + i * 8] === 0 ? [0, 1] : [0]) {
        const at = start + i * 8 + shift;
        const window = bytes.subarray(at, at + size * 8);
        const score = window.reduce((sum, byte) => sum + SCORES[byte]!, 0);
        if (score > scoreLimit(size * 8)) continue;
        for (const [reading, write] of Object.entries(LAYOUTS)) {
          // Each layout is its own inverse.
          const value = BigInt(`0x${write(window).toString('hex')}`);
          const lengths = [bytes.readUInt32LE(at - 4), bytes.readUInt32LE(at - 8)];
          if (reading === 'int32-msw' && !lengths.includes(size * 2)) continue;
          if ((value & 1n) === 0n || value >> BigInt(size * 64 - 1) === 0n) continue;
          if (SIEVE.every((p) => value % p !== 0n))
            kept.add(`${size} ${at} ${reading}${edge ? '' : ' inside'}`);
        }
      }
    }
  }
  return kept;
}

const READINGS = ['limbs-le', 'bytes-be', 'int32-msw'];

function kernelKeeps(bytes: Buffer, start: number, words: number): Set<string> {
  const kept = new Set<string>();
  for (const { kind, offset, detail, size } of extracted(bytes, start, words))
    if (kind === 'window' && !(detail & OWN))
      kept.add(`${size} ${offset} ${READINGS[detail & READING]}${detail & INNER ? ' inside' : ''}`);
  return kept;
}

describe('windows that may be RSA integers', () => {
  test('are those that a slow search keeps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 140 }), fc.integer({ min: 0, max: 6 }), (words, zeros) => {
        const bytes = Buffer.concat([Buffer.alloc(64), random.bytes(words * 8), Buffer.alloc(64)]);
        // As before an array of integers, with padding or without.
        bytes.writeUInt32LE(2 * [4, 8, 16, words][zeros % 4]!, zeros < 4 ? 60 : 56);
        // With more of them the run may not look random.
        for (let i = 0; i < Math.min(zeros, words / 4); i++) bytes[64 + 8 * Math.floor((i * words) / 7)] = 0;
        expect([...kernelKeeps(bytes, 64, words)].sort()).toEqual([...naive(bytes, 64, words)].sort());
      }),
      { numRuns: 60 },
    );
  });

  test('are those of a number with two words side by side that are not random', () => {
    for (let pair = 0; pair <= 14; pair++) {
      const number = LAYOUTS['limbs-le']!(Buffer.from(toBytes(primeFrom(random, 1024))));
      for (let i = pair * 8; i < pair * 8 + 16; i++) number[i]! |= 0x80;
      number[0]! |= 1;
      number[127]! |= 0xc0;
      const sieved = SIEVE.every(
        (p) => BigInt(`0x${Buffer.from(number).reverse().toString('hex')}`) % p !== 0n,
      );
      if (!sieved) continue;
      const bytes = Buffer.concat([Buffer.alloc(64), number, Buffer.alloc(64)]);
      const runs = [...findRuns(bufferReader(bytes))];
      expect(runs.every(({ words }) => words < 15)).toBe(true);
      const kept = runs.flatMap(({ offset, words }) => [...kernelKeeps(bytes, offset, words)]);
      // At the number's very ends a whole word more is lost.
      if (pair > 0 && pair < 14) expect(kept).toContain('16 64 limbs-le');
    }
  });

  test('may begin a word before the run and end a word behind it, where those words have few zeros', () => {
    const number = LAYOUTS['limbs-le']!(Buffer.from(toBytes(primeFrom(random, 256))));
    const quiet = Buffer.alloc(64);
    const bytes = Buffer.concat([quiet, number, quiet]);
    expect(kernelKeeps(bytes, 72, 3)).toContain('4 64 limbs-le');
    expect(kernelKeeps(bytes, 64, 3)).toContain('4 64 limbs-le');
    expect(kernelKeeps(bytes, 80, 2).size).toBe(0);
  });
});
