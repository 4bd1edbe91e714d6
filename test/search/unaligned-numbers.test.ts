import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { unalignedNumbers } from '../../src/search/rsa/collect-edge-windows.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

const zeros = (length: number) => Buffer.alloc(length);

/** A dump with a structure of octets `skip` bytes after a word boundary. */
function dumpOf(skip: number, octets: Buffer): Buffer {
  const memory = new Memory();
  memory.filler(2048);
  memory.noise(new SeededRandom('framed'), 4, 16);
  memory.chunk(Buffer.concat([zeros(16 + skip), octets, zeros(24)]));
  memory.noise(new SeededRandom('framed too'), 4, 32);
  return memory.bytes();
}

describe.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'RSA-2048 %i bytes after a word boundary, with a known modulus',
  (skip) => {
    const key = rsaFrom('framed', 2048);
    const publicKeys = [{ spki: Buffer.from(spkiOf(key), 'base64') }];
    const { p, q, dp, dq, qi } = parts(key);
    const others = new SeededRandom(`others ${skip}`).bytes(300);

    test.each([
      ['all parts adjacent', [p!, q!, dp!, dq!, qi!]],
      ['all parts adjacent, after a type octet', [Buffer.of(1), p!, q!, dp!, dq!, qi!]],
      ['p before other octets', [p!, others]],
      ['p after other octets', [others, p!]],
      ['dp before other octets', [dp!, others]],
    ])('%s', (_, octets) => {
      const found = searchBytes(dumpOf(skip, Buffer.concat(octets)), { publicKeys });
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
    });
  },
);

describe('unalignedNumbers', () => {
  const number = Buffer.alloc(64, 0xa5);
  const startsIn = (bytes: Buffer, at: number, words: number) => [
    ...unalignedNumbers(
      bytes,
      { offset: 0, at, words, before: at, after: bytes.length - at, startsRun: true, endsRun: true },
      number.length,
    ),
  ];

  test.each([
    ['directly after zeros', Buffer.concat([zeros(19), number, zeros(29)]), 24, 7, [19]],
    ['after a type octet', Buffer.concat([zeros(18), Buffer.of(3), number, zeros(29)]), 24, 7, [18, 19]],
    [
      'after an octet that is no type',
      Buffer.concat([zeros(18), Buffer.of(0x43), number, number, zeros(29)]),
      24,
      15,
      [18, 83],
    ],
    ['aligned to a word', Buffer.concat([zeros(16), number, zeros(16)]), 16, 8, []],
    ['without zeros', Buffer.alloc(112, 0xa5), 24, 7, []],
    ['at the first byte', Buffer.concat([number, zeros(16)]), 0, 8, []],
    ['at the last byte', Buffer.concat([zeros(21), number]), 24, 7, [21]],
  ])('%s', (_, bytes, at, words, expected) => {
    expect([...new Set(startsIn(bytes, at, words))].sort((a, b) => a - b)).toEqual(expected);
  });
});
