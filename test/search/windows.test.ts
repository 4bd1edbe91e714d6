import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { toBytes } from '../../src/core/base/bytes/integers.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { ENCODING_BITS, INNER, OWN } from '../../src/sweep/runs/records.js';
import { extracted } from '../sweep/runs/extracted.js';
import { LAYOUTS } from './memory.js';
import { findRuns } from './runs.js';
import { primeFrom } from './seeded.js';

const random = new SeededRandom('windows');

const SMALL = [...Array(110).keys()].filter(
  (n) => n > 2 && [2, 3, 5, 7].every((p) => n === p || n % p !== 0),
);
const SIEVE = [...SMALL, 257].filter((n) => n !== 1).map(BigInt);

const READINGS = ['limbs-le', 'bytes-be', 'int32-msw'];

function kernelKeeps(bytes: Buffer, start: number, words: number): Set<string> {
  const kept = new Set<string>();
  for (const { kind, offset, detail, size } of extracted(bytes, start, words))
    if (kind === 'window' && !(detail & OWN))
      kept.add(`${size} ${offset} ${READINGS[detail & ENCODING_BITS]}${detail & INNER ? ' inside' : ''}`);
  return kept;
}

describe('windows that may be RSA integers', () => {
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
