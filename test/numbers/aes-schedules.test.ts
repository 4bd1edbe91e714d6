import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../fixtures/random.js';
import { expandKey } from '../../src/numbers/aes-schedules.js';
import { searchBytes } from './harness.js';
import { Memory } from './memory.js';

/** Keys and last four round words of FIPS 197, appendix A. */
const EXAMPLES = [
  ['2b7e151628aed2a6abf7158809cf4f3c', 44, 'd014f9a8c9ee2589e13f0cc8b6630ca6'],
  ['8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b', 52, 'e98ba06f448c773c8ecc720401002202'],
  [
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    60,
    'fe4890d1e6188d0b046df344706c631e',
  ],
] as const;

const WORDS = { 16: 44, 24: 52, 32: 60 } as const;
const expanded = (key: Buffer) => expandKey(key, WORDS[key.length as keyof typeof WORDS]);

function heap(chunk: Buffer): { bytes: Buffer; at: number } {
  const memory = new Memory();
  const random = new SeededRandom('aes');
  memory.filler(512);
  memory.noise(random, 4, 30);
  const at = memory.chunk(chunk);
  memory.noise(random, 4, 60);
  return { bytes: memory.bytes(), at };
}

test.each(EXAMPLES)('%s expands as FIPS 197 has it', (key, words, last) => {
  expect(expandKey(Buffer.from(key, 'hex'), words).subarray(-16).toString('hex')).toBe(last);
});

describe.each([16, 24, 32])('the schedule of a key of %i bytes', (length) => {
  test.each([
    ['as AES instructions keep it', (schedule: Buffer) => schedule],
    ['in native words', (schedule: Buffer) => Buffer.from(schedule).swap32()],
  ])('is found %s', (how, order) => {
    const key = new SeededRandom(`${length} ${how}`).bytes(length);
    const { bytes, at } = heap(order(expanded(key)));
    const { candidates } = searchBytes(bytes);
    expect(candidates.map(({ secret }) => Buffer.from(secret.reveal()).equals(key))).toEqual([true]);
    expect(candidates[0]).toMatchObject({
      offset: at,
      length: expanded(key).length,
      title: `AES-${length * 8} key`,
      encoding: 'aes-schedule',
      confidence: 'high',
    });
  });

  test('is none with any bit changed', () => {
    const schedule = expanded(new SeededRandom(`bits ${length}`).bytes(length));
    fc.assert(
      fc.property(fc.nat({ max: schedule.length * 8 - 1 }), (bit) => {
        const forged = Buffer.from(schedule);
        forged[bit >> 3]! ^= 1 << (bit & 7);
        expect(searchBytes(heap(forged).bytes).candidates).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
