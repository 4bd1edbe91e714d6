import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { expandKey } from '../../src/search/secrets/aes/key-expansion.js';
import fc from '../support/property.js';
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

/** Product in GF(2^8) (FIPS 197, 4.2), bit by bit. */
function times(a: number, b: number): number {
  let product = 0;
  for (let [x, y] = [a, b]; y > 0; y >>= 1, x = x & 0x80 ? (x << 1) ^ 0x11b : x << 1) if (y & 1) product ^= x;
  return product;
}

/**
 * Round keys of the equivalent inverse cipher (FIPS 197, 5.3.5): last round first, InvMixColumns on all but
 * both ends.
 */
function inverted(schedule: Buffer): Buffer {
  const rounds = schedule.length / 16 - 1;
  const out = Buffer.alloc(schedule.length);
  for (let round = 0; round <= rounds; round++)
    for (let at = 0; at < 16; at++) {
      const column = schedule.subarray(round * 16 + (at & ~3), round * 16 + (at & ~3) + 4);
      const mixed = [0xe, 0xb, 0xd, 0x9].reduce((sum, by, i) => sum ^ times(column[(at + i) % 4]!, by), 0);
      out[(rounds - round) * 16 + at] = round % rounds === 0 ? column[at % 4]! : mixed;
    }
  return out;
}

test.each(EXAMPLES)('%s expands as in FIPS 197', (key, words, last) => {
  expect(expandKey(Buffer.from(key, 'hex'), words).subarray(-16).toString('hex')).toBe(last);
});

describe.each([16, 24, 32])('the schedule of a key of %i bytes', (length) => {
  test.each([
    ['as AES instructions keep it', (schedule: Buffer) => schedule],
    ['in native words', (schedule: Buffer) => Buffer.from(schedule).swap32()],
    ['for decryption', inverted],
    ['for decryption in native words', (schedule: Buffer) => inverted(schedule).swap32()],
  ])('is found %s', (how, order) => {
    const key = new SeededRandom(`${length} ${how}`).bytes(length);
    const { bytes, at } = heap(order(expanded(key)));
    const { candidates } = searchBytes(bytes);
    expect(candidates.map(({ secret }) => Buffer.from(secret.reveal()).equals(key))).toEqual([true]);
    expect(candidates[0]).toMatchObject({
      offset: at,
      length: expanded(key).length,
      title: `AES-${length * 8} key`,
      preview: `AES-${length * 8} key`,
      encoding: 'aes-schedule',
      confidence: 'high',
    });
  });

  test.each([
    ['encryption', (schedule: Buffer) => schedule],
    ['decryption', inverted],
  ])('for %s is found where the key is text', (_, order) => {
    const key = Buffer.from('A passphrase of 32 characters: ok'.slice(0, length));
    const memory = new Memory();
    memory.filler(512);
    const at = memory.chunk(order(expanded(key)));
    memory.filler(512);
    const { candidates } = searchBytes(memory.bytes());
    expect(
      candidates.map(({ offset, secret }) => [offset, Buffer.from(secret.reveal()).equals(key)]),
    ).toEqual([[at, true]]);
  });

  test('of a key of zeros or of one repeated byte is not reported', () => {
    for (const byte of [0, 0x41])
      expect(searchBytes(heap(expanded(Buffer.alloc(length, byte))).bytes).candidates).toEqual([]);
  });

  test.each([
    ['encryption', (schedule: Buffer) => schedule],
    ['decryption', inverted],
  ])('for %s is none with any bit changed', (_, order) => {
    const schedule = order(expanded(new SeededRandom(`bits ${length}`).bytes(length)));
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
