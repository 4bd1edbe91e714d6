import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { leastDistinct, SCORES, scoreLimit } from '../../src/runs/limits.js';
import { OWN, READING } from '../../src/runs/records.js';
import { runFillingNumbers } from '../../src/search/rsa/run-filling-numbers.js';
import { extracted } from '../runs/extracted.js';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** What may stand in a word before a number that begins `shift` bytes into it. */
const HEADERS: Readonly<Record<string, (shift: number, length: number) => Buffer>> = {
  zeros: (shift) => Buffer.alloc(shift),
  'the length in a byte': (shift, length) => Buffer.concat([Buffer.alloc(shift - 1), Buffer.of(length)]),
  'bits, as OpenPGP counts them': (shift, length) => {
    const bits = Buffer.alloc(shift);
    bits.writeUInt16BE(length * 8, shift - 2);
    return bits;
  },
  'an integer of SSH': (shift, length) => Buffer.of(0, 0, 0, 0, 0, 0, length + 1, 0).subarray(8 - shift),
};

/** Each number in a chunk of its own, behind its header. */
function heap(values: readonly Buffer[], header: (length: number) => Buffer): Buffer {
  const memory = new Memory();
  memory.filler(512);
  for (const value of values) memory.chunk(Buffer.concat([Buffer.alloc(8), header(value.length), value]));
  return memory.bytes();
}

const key = rsaFrom('any byte', 1024);
const numbers = parts(key);

describe.each(['limbs-le', 'bytes-be'])('numbers of their own at any byte, %s', (layout) => {
  const write = LAYOUTS[layout]!;

  test.each(Object.keys(HEADERS))('behind %s: p, q and n give the key', (header) => {
    for (const shift of [2, 3, 4, 5, 6, 7]) {
      const values = ['p', 'q', 'n'].map((name) => write(numbers[name]!));
      const dump = heap(values, (length) => HEADERS[header]!(shift, length));
      const found = describeAll(searchBytes(dump));
      const offset = dump.indexOf(write(numbers.p!));
      expect([shift, found]).toEqual([shift, [{ spki: spkiOf(key), encoding: layout, offset }]]);
    }
  });

  test('with a bit of n changed, or of both primes, they give none', () => {
    for (const names of [['n'], ['p', 'q']])
      for (const bit of [0, 9, 77, 300]) {
        const values = ['p', 'q', 'n'].map((name) => {
          const value = Buffer.from(numbers[name]!);
          if (names.includes(name)) value[bit >> 3]! ^= 1 << (bit & 7);
          return write(value);
        });
        expect(describeAll(searchBytes(heap(values, () => Buffer.alloc(3))))).toEqual([]);
      }
  });

  test.each(['p', 'd', 'dp', 'dq'])('%s of a known key gives it', (name) => {
    const publicKeys = [{ spki: Buffer.from(spkiOf(key), 'base64'), asked: true }];
    for (const shift of [2, 5, 7]) {
      const found = searchBytes(
        heap([write(numbers[name]!)], () => Buffer.alloc(shift)),
        { publicKeys },
      );
      expect([shift, describeAll(found).map(({ encoding }) => encoding)]).toEqual([shift, [layout]]);
    }
  });
});

test('integers of Java behind headers of 12 bytes, as compact ones are', () => {
  const memory = new Memory();
  for (const name of ['p', 'q', 'n']) {
    const value = LAYOUTS['int32-msw']!(numbers[name]!);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(value.length / 4);
    memory.chunk(Buffer.concat([Buffer.from('0100000000000000', 'hex'), length, value]));
  }
  expect(describeAll(searchBytes(memory.bytes())).map(({ spki, encoding }) => [spki, encoding])).toEqual([
    [spkiOf(key), 'int32-msw'],
  ]);
});

test.each([1280, 1792, 2560, 3584, 5120])(
  'RSA-%i, which few have, is found where its numbers fill their runs',
  (bits) => {
    const rare = rsaFrom('rare', bits);
    const { p, q, n } = parts(rare);
    for (const layout of Object.keys(LAYOUTS)) {
      const memory = new Memory();
      for (const value of [p!, q!, n!]) memory.chunk(LAYOUTS[layout]!(value));
      const found = describeAll(searchBytes(memory.bytes()));
      expect(found.map(({ spki, encoding }) => [spki, encoding])).toEqual([[spkiOf(rare), layout]]);
    }
  },
);

const SMALL = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
  .concat([101, 103, 107, 109, 257])
  .map(BigInt);

/** Odd, with its top bit, looks random, and has no small factor. */
function mayBe(bigEndian: Buffer): boolean {
  const value = BigInt(`0x${bigEndian.toString('hex')}`);
  const score = bigEndian.reduce((sum, byte) => sum + SCORES[byte]!, 0);
  return (
    bigEndian[0]! > 127 &&
    score <= scoreLimit(bigEndian.length) &&
    new Set(bigEndian).size >= leastDistinct(bigEndian.length) &&
    (value & 1n) === 1n &&
    SMALL.every((p) => value % p !== 0n)
  );
}

/**
 * By the words of the definition: behind a zero byte, and a length in up to two bytes, at the run, or at a word before it with at
 * most one zero byte; multiples of 16 that end within a word of the run's end.
 */
function slowly(memory: Buffer, at: number, words: number): string[] {
  const found: string[] = [];
  const end = at + words * 8;
  const isZero = (place: number) =>
    place >= at - 16 && place < at + 8 && memory[place] === 0 && memory[place + 1] !== 0;
  const missed = memory.subarray(at - 8, at);
  const zeros = missed.filter((byte) => byte === 0).length;
  const ends = missed.readUInt16LE() === 0 || missed.readUInt16LE(6) === 0;
  const usual = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256];
  for (let start = at - 15; start <= at + 10; start++) {
    // The shortest header that may stand before it.
    const header = [0, 1, 2].find((size) => isZero(start - 1 - size));
    const isWord = start === at || (start === at - 8 && (zeros < 2 || (zeros === 2 && !ends)));
    if (!isWord && header === undefined) continue;
    const said = header && !isWord ? memory.readUIntBE(start - header, header) : undefined;
    for (let length = 64; length <= 2048; length += 16) {
      if (start + length <= end - 8 || start + length > end + 8) continue;
      if (said !== undefined && ![length, length + 1].includes(said) && Math.ceil(said / 8) !== length)
        continue;
      const extracted = (start - at) % 8 === 0 || (start === at + 1 && memory[at] === 0);
      if (!extracted || !usual.includes(length / 8)) found.push(`${start} ${length}`);
    }
  }
  return found.sort();
}

test('are what a slow search finds', () => {
  const bytes = fc.oneof(fc.constantFrom(0, 1, 0x80, 0x81), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 32, maxLength: 32 }),
      fc.integer({ min: 7, max: 257 }),
      (head, words) => {
        const memory = Buffer.concat([Buffer.from(head), Buffer.alloc(words * 8 + 32, 0xa5)]);
        const piece = {
          offset: 0,
          at: 16,
          words,
          before: 16,
          after: memory.length - 16,
          startsRun: true,
          endsRun: true,
        };
        const found = [...runFillingNumbers(memory, piece)].map(({ at, length }) => `${at} ${length}`);
        expect(found.sort()).toEqual(slowly(memory, 16, words));
      },
    ),
  );
});

test('those that may be a prime or a modulus are what the extractor gives', () => {
  const random = new SeededRandom('own windows');
  let kept = 0;
  for (let round = 0; round < 300; round++) {
    const words = 8 + random.below(40);
    const head = random.bytes(16).map((byte, i) => (i < 8 || byte % 3 > 0 ? byte : 0));
    const body = random.bytes(words * 8 + 8);
    // Odd at both ends, with the top bit: one in four is left by the primes up to 109.
    for (const i of [0, 1, 2, 3, words * 8 - 1, words * 8, words * 8 + 7]) body[i]! |= 0x81;
    const memory = Buffer.concat([Buffer.alloc(64), head, body, Buffer.alloc(64)]);
    const [at, end] = [80, memory.length];
    const piece = { offset: at, at, words, before: at, after: end - at, startsRun: true, endsRun: true };
    const expected = [...runFillingNumbers(memory, piece)].flatMap(({ at, length }) =>
      ['limbs-le', 'bytes-be']
        .filter((layout) => mayBe(LAYOUTS[layout]!(memory.subarray(at, at + length))))
        .map((layout) => `${at} ${length / 8} ${layout}`),
    );
    const found = extracted(memory, at, words).filter(
      ({ kind, detail }) => kind === 'window' && detail & OWN,
    );
    const shown = found.map(
      ({ offset, size, detail }) => `${offset} ${size} ${['limbs-le', 'bytes-be'][detail & READING]}`,
    );
    expect(shown.sort()).toEqual(expected.sort());
    kept += shown.length;
  }
  expect(kept).toBeGreaterThan(100);
});
