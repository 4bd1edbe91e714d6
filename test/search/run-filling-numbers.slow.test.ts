import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { runFillingNumbers } from '../../src/search/rsa/run-filling-numbers.js';
import { leastDistinct, SCORES, scoreLimit } from '../../src/sweep/runs/limits.js';
import { ENCODING_BITS, OWN } from '../../src/sweep/runs/records.js';
import fc from '../support/property.js';
import { extracted } from '../sweep/runs/extracted.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** Bytes of a word before a number that begins `shift` bytes into it. */
const HEADERS: Readonly<Record<string, (shift: number, length: number) => Buffer>> = {
  zeros: (shift) => Buffer.alloc(shift),
  'the length in a byte': (shift, length) => Buffer.concat([Buffer.alloc(shift - 1), Buffer.of(length)]),
  'the length in bits (OpenPGP)': (shift, length) => {
    const bits = Buffer.alloc(shift);
    bits.writeUInt16BE(length * 8, shift - 2);
    return bits;
  },
  'an SSH mpint header': (shift, length) => Buffer.of(0, 0, 0, 0, 0, 0, length + 1, 0).subarray(8 - shift),
};

/** Each number in its own chunk, after its header. */
function heap(values: readonly Buffer[], header: (length: number) => Buffer): Buffer {
  const memory = new Memory();
  memory.filler(512);
  for (const value of values) memory.chunk(Buffer.concat([Buffer.alloc(8), header(value.length), value]));
  return memory.bytes();
}

const key = rsaFrom('any byte', 1024);
const numbers = parts(key);

describe.each(['limbs-le', 'bytes-be'])('numbers that fill their run at any byte, %s', (layout) => {
  const write = LAYOUTS[layout]!;

  test.each(Object.keys(HEADERS))('after %s: p, q and n give the key', (header) => {
    for (const shift of [2, 3, 4, 5, 6, 7]) {
      const values = ['p', 'q', 'n'].map((name) => write(numbers[name]!));
      const dump = heap(values, (length) => HEADERS[header]!(shift, length));
      const found = describeAll(searchBytes(dump));
      const offset = dump.indexOf(write(numbers.p!));
      expect([shift, found]).toEqual([shift, [{ spki: spkiOf(key), encoding: layout, offset }]]);
    }
  });

  test('with a bit of n or of both primes changed they give no key', () => {
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

  test.each(['p', 'd', 'dp', 'dq'])('%s of a known modulus gives the key', (name) => {
    const publicKeys = [{ spki: Buffer.from(spkiOf(key), 'base64'), isTarget: true }];
    for (const shift of [2, 5, 7]) {
      const found = searchBytes(
        heap([write(numbers[name]!)], () => Buffer.alloc(shift)),
        { publicKeys },
      );
      expect([shift, describeAll(found).map(({ encoding }) => encoding)]).toEqual([shift, [layout]]);
    }
  });
});

test('integers of Java after compact headers of 12 bytes give the key', () => {
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
  'a key of the rare length %i is found if its numbers fill their runs',
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

/** Odd, with the top bit set, random-looking, and without small factors. */
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
 * The definition, literally: starts at the run, at a word before it with at most one zero byte, or after a
 * zero byte and a length of up to two bytes; lengths are multiples of 16 that end within a word of the run's
 * end.
 */
function naive(memory: Buffer, at: number, words: number): string[] {
  const found: string[] = [];
  const end = at + words * 8;
  const isZero = (place: number) =>
    place >= at - 16 && place < at + 8 && memory[place] === 0 && memory[place + 1] !== 0;
  const missed = memory.subarray(at - 8, at);
  const zeros = missed.filter((byte) => byte === 0).length;
  const ends = missed.readUInt16LE() === 0 || missed.readUInt16LE(6) === 0;
  const usual = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256];
  for (let start = at - 15; start <= at + 10; start++) {
    // The shortest possible header.
    const header = [0, 1, 2].find((size) => isZero(start - 1 - size));
    const isWord = start === at || (start === at - 8 && (zeros < 2 || (zeros === 2 && !ends)));
    if (!isWord && header === undefined) continue;
    const stated = header && !isWord ? memory.readUIntBE(start - header, header) : undefined;
    for (let length = 64; length <= 2048; length += 16) {
      if (start + length <= end - 8 || start + length > end + 8) continue;
      if (stated !== undefined && ![length, length + 1].includes(stated) && Math.ceil(stated / 8) !== length)
        continue;
      const extracted = (start - at) % 8 === 0 || (start === at + 1 && memory[at] === 0);
      if (!extracted || !usual.includes(length / 8)) found.push(`${start} ${length}`);
    }
  }
  return found.sort();
}

test('runFillingNumbers agrees with the naive search', () => {
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
        expect(found.sort()).toEqual(naive(memory, 16, words));
      },
    ),
  );
});

test('possible primes and moduli are those of the extractor', () => {
  const random = new SeededRandom('own windows');
  let kept = 0;
  for (let round = 0; round < 300; round++) {
    const words = 8 + random.below(40);
    const head = random.bytes(16).map((byte, i) => (i < 8 || byte % 3 > 0 ? byte : 0));
    const body = random.bytes(words * 8 + 8);
    // Odd at both ends, with the top bit set: one in four has no prime factor up to 109.
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
      ({ offset, size, detail }) => `${offset} ${size} ${['limbs-le', 'bytes-be'][detail & ENCODING_BITS]}`,
    );
    expect(shown.sort()).toEqual(expected.sort());
    kept += shown.length;
  }
  expect(kept).toBeGreaterThan(100);
});
