import { describe, expect, test } from '@jest/globals';
import { paddedTexts, padPairs } from '../../src/search/secrets/hmac/hmac-secret.js';
import { TextKernel } from '../../src/search/secrets/hmac/text-kernel.js';
import fc from '../support/property.js';

const under = (key: Uint8Array, byte: number, block: number) =>
  Buffer.alloc(block, byte).map((value, i) => value ^ (key[i] ?? 0));
/** A kernel that holds these bytes. */
function holding(bytes: Uint8Array): TextKernel {
  const kernel = new TextKernel(bytes.length);
  kernel.room.set(bytes);
  kernel.begin(bytes.length, 0);
  return kernel;
}
const wordsOf = (bytes: Uint8Array) => new Uint32Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 2);

const pairsIn = (bytes: Uint8Array, from: number, to: number) => [
  ...padPairs(wordsOf(bytes), holding(bytes).pairs(from, to), from >> 2, to >> 2),
];

/** Every multiple of 8 at which a whole block differs from the next one by 0x36 XOR 0x5c. */
function* naivePairs(bytes: Uint8Array, from: number, to: number) {
  for (const block of [64, 128])
    for (let at = from; at < to; at += 8) {
      let same = at + 2 * block <= bytes.length;
      for (let i = 0; i < block && same; i++) same = (bytes[at + i]! ^ bytes[at + block + i]!) === 0x6a;
      if (same) yield [at, block].join();
    }
}

const blockOf = fc.constantFrom(64, 128);

describe('two adjacent padded keys', () => {
  test('are found at any multiple of 8 for any key', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 128, maxLength: 128 }),
        blockOf,
        fc.boolean(),
        fc.nat(40),
        fc.nat(40),
        fc.constantFrom(0, 0xff, 0x36),
        (random, block, swapped, before, after, filler) => {
          const key = random.subarray(0, block);
          const pads = [0x36, 0x5c].map((byte) => under(key, byte, block));
          const bytes = Buffer.concat([
            Buffer.alloc(before * 8, filler),
            ...(swapped ? pads.reverse() : pads),
            Buffer.alloc(after * 8, filler),
          ]);
          const found = pairsIn(bytes, 0, bytes.length);
          expect([...new Set(found.map(({ at, length }) => [at, length].join()))].sort()).toEqual(
            [...naivePairs(bytes, 0, bytes.length)].sort(),
          );
          expect(found.some((each) => each.key.equals(key))).toBe(true);
        },
      ),
    );
  });

  test('are found once, in the part of the file where they begin', () => {
    const bytes = Buffer.alloc(4096);
    const key = Buffer.from(Array.from({ length: 64 }, (_, i) => 0x41 + (i % 50)));
    bytes.set(Buffer.concat([under(key, 0x36, 64), under(key, 0x5c, 64)]), 1000);
    for (let cut = 0; cut <= 4096; cut += 8) {
      const found = [...pairsIn(bytes, 0, cut), ...pairsIn(bytes, cut, 4096)];
      expect(found.map(({ at }) => at)).toEqual([1000, 1000]);
    }
  });
});

describe('one padded key', () => {
  test('of one octet up to a block minus 16 is found at any byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 112 }),
        blockOf,
        fc.constantFrom(0x36, 0x5c),
        fc.uint8Array({ maxLength: 20 }),
        fc.uint8Array({ maxLength: 20 }),
        (random, block, byte, before, after) => {
          const key = Buffer.from(random.subarray(0, block - 16));
          if (key.at(-1) === 0) key[key.length - 1] = 1;
          const bytes = Buffer.concat([before, under(key, byte, block), after]);
          const found = [...paddedTexts(bytes, holding(bytes).fillers(0, bytes.length))];
          if (after[0] === byte && after[1] === byte) return;
          expect(found.map(({ key }) => key.toString('hex'))).toContain(key.toString('hex'));
        },
      ),
    );
  });
});
