import { describe, expect, test } from '@jest/globals';
import type { Literal } from '../../src/rules/types.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import fc from '../support/property.js';
import { KERNELS } from '../support/scalar-kernel/kernels.js';
import { batchWith, list, literal, naive, noise, spread, sweepWith } from './oracle.js';

/** A literal for each code path of the kernels. */
const TABLE: Literal[] = [
  literal('ghp_', { wide: true }),
  literal('-----BEGIN', { wide: true }),
  literal('SG.', { wide: true }),
  literal('PuTTY-User-Key-File', { wide: true }),
  literal('PRIVATE KEY', { wide: true, caseless: true }),
  literal('private', { wide: true }),
  literal('Bearer ', { caseless: true }),
  literal('password=', { wide: true, caseless: true }),
  literal('eyJ', { wide: true }),
  literal('eyJhbGciOiJ', { wide: true }),
  literal(Buffer.from('020100028201', 'hex')),
  literal(Buffer.from('0702000000a40000', 'hex')),
  // Its only window ends in 00, and it may end in a block of zeros.
  literal(Buffer.from('410000', 'hex')),
  literal(Buffer.from('4200000000', 'hex')),
  literal(Buffer.from('ff00ff', 'hex')),
  // Its key may start in a block of zeros.
  literal(Buffer.from('000043', 'hex')),
  literal(Buffer.from('004445', 'hex')),
  literal('SharedAccessKeyName=RootManageSharedAccessKey', { wide: true }),
];

const BACKGROUNDS = {
  zeros: (length: number) => Buffer.alloc(length),
  text: (length: number) => Buffer.alloc(length, 'the quick brown fox '),
  'wide text': (length: number) => Buffer.alloc(length, 'k\0e\0y\0 \0'),
  noise: (length: number) => noise(length, 7),
};

const CHUNKS = [1, 64, 100, 128, 1000, 1 << 20];

/** Whole and cut literals, plain, wide and in the other case, between random bytes and zeros. */
function pieces(literals: readonly Literal[]): fc.Arbitrary<Buffer> {
  const forms = fc
    .record({
      bytes: fc.constantFrom(...literals.map(({ bytes }) => bytes)),
      wide: fc.boolean(),
      flip: fc.boolean(),
    })
    .map(({ bytes, wide, flip }) => {
      const cased = flip
        ? Buffer.from(
            Buffer.from(bytes)
              .toString('latin1')
              .replace(/[a-z]/g, (c) => c.toUpperCase()),
            'latin1',
          )
        : Buffer.from(bytes);
      return wide ? spread(cased) : cased;
    });
  return fc.oneof(
    { weight: 4, arbitrary: forms },
    {
      weight: 2,
      arbitrary: fc
        .tuple(forms, fc.nat(), fc.nat())
        .map(([form, a, b]) => form.subarray(a % form.length, form.length - (b % form.length))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.nat(200).map((length) => Buffer.alloc(length)) },
  );
}

const randomLiteral = fc
  .record({
    bytes: fc.oneof(
      fc.stringMatching(/^[aAbB_.]{3,20}$/).map((text) => Buffer.from(text)),
      fc
        .array(fc.constantFrom(0, 1, 0x41, 0x61, 0xff), { minLength: 3, maxLength: 40 })
        .map((all) => Buffer.from(all)),
    ),
    caseless: fc.boolean(),
    wide: fc.boolean(),
  })
  .map(({ bytes, caseless, wide }) =>
    literal(bytes, { caseless, wide: wide && bytes.every((b) => b >= 0x20 && b < 0x7f) }),
  );

describe.each(KERNELS)('kernel %s', (name) => {
  const net = compileLiterals(TABLE);

  test('finds each literal at every offset around a chunk edge and at the end, over each background', () => {
    const chunk = 128;
    for (const background of Object.values(BACKGROUNDS)) {
      for (const { bytes, wide } of TABLE) {
        for (const form of wide ? [Buffer.from(bytes), spread(bytes)] : [Buffer.from(bytes)]) {
          const size = 2 * chunk + form.length;
          for (let at = chunk - form.length - 3; at < chunk + 4; at++) {
            const data = background(size);
            form.copy(data, Math.max(0, at));
            expect(sweepWith(name, net, data, chunk)).toEqual(naive(data, TABLE));
          }
          const last = background(size);
          form.copy(last, size - form.length);
          expect(sweepWith(name, net, last, chunk)).toEqual(naive(last, TABLE));
          // The window still holds the last byte of the previous sweep: it must not complete the literal.
          const cut = last.subarray(0, size - 1);
          expect(sweepWith(name, net, cut, chunk)).toEqual(naive(cut, TABLE));
        }
      }
    }
  });

  test('agrees with indexOf on random mixtures of the table', () => {
    fc.assert(
      fc.property(
        fc.array(pieces(TABLE), { maxLength: 60, size: 'max' }),
        fc.constantFrom(...CHUNKS),
        (soup, chunk) => {
          const data = Buffer.concat(soup);
          expect(sweepWith(name, net, data, chunk)).toEqual(naive(data, TABLE));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('agrees with indexOf on random mixtures of random literals', () => {
    const sets = fc.array(randomLiteral, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        sets.chain((literals) =>
          fc.tuple(fc.constant(literals), fc.array(pieces(literals), { maxLength: 40, size: 'max' })),
        ),
        fc.constantFrom(...CHUNKS),
        ([literals, soup], chunk) => {
          const data = Buffer.concat(soup);
          expect(sweepWith(name, compileLiterals(literals), data, chunk)).toEqual(naive(data, literals));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('drops no hit when the hit buffer is full', () => {
    const anchors = [literal('abc'), literal('bca'), literal('cab'), literal('abcabc')];
    const data = Buffer.alloc((1 << 20) + 7, 'abc');
    const { offsets, ids } = batchWith(name, compileLiterals(anchors), data, 1 << 20);
    // Three literals share the starts; the fourth starts at every third.
    expect(offsets.length).toBe(data.length - 2 + Math.floor((data.length - 6) / 3) + 1);
    expect(list({ offsets: offsets.slice(0, 5), ids: ids.slice(0, 5) })).toEqual([
      '0 0',
      '0 6',
      '1 2',
      '2 4',
      '3 0',
    ]);
    expect(offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]!)).toBe(true);
  });

  test('finds every nested literal at one place', () => {
    const nested = Array.from({ length: 300 }, (_, i) => literal(Buffer.alloc(3 + i, 'x')));
    const data = Buffer.alloc(1000, 'x');
    const { offsets } = batchWith(name, compileLiterals(nested), data, 1 << 20);
    expect(offsets.length).toBe(nested.reduce((sum, { bytes }) => sum + data.length - bytes.length + 1, 0));
  });

  test('an empty net and an empty buffer have no hits', () => {
    expect(sweepWith(name, compileLiterals([]), Buffer.alloc(1000), 64)).toEqual([]);
    expect(sweepWith(name, net, Buffer.alloc(0), 64)).toEqual([]);
  });
});

describe('5,000 literals', () => {
  const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=:');
  const many = Array.from({ length: 5000 }, (_, i) =>
    literal(
      noise(8 + (i % 17), i + 1).map((byte) => alphabet[byte % alphabet.length]!),
      { wide: true, caseless: i % 50 === 0 },
    ),
  );
  const net = compileLiterals(many);
  const data = Buffer.concat(
    many
      .filter((_, i) => i % 25 === 0)
      .flatMap(({ bytes }, i) => [
        noise(i % 40, i),
        i % 2 === 1 ? spread(bytes) : bytes,
        Buffer.alloc(i % 100),
      ]),
  );

  test('every kernel finds all of them', () => {
    const expected = naive(data, many);
    expect(expected.length).toBeGreaterThanOrEqual(200);
    for (const name of KERNELS) expect(sweepWith(name, net, data, 1 << 20)).toEqual(expected);
  });

  test('images stay small', () => {
    const size = (images: object) =>
      Object.values(images).reduce((sum: number, image: SharedArrayBuffer) => sum + image.byteLength, 0);
    expect(size(net.images)).toBeLessThan(4 << 20);
  });
});

test.each([
  ['too short', literal('ab'), /literal 0 has 2 bytes/],
  ['too long', literal(Buffer.alloc(20_000, 'a')), /has 20000 bytes/],
  ['wide and not printable', literal('a\n\tb', { wide: true }), /not printable/],
])('a literal that is %s is rejected', (_what, bad, message) => {
  expect(() => compileLiterals([bad])).toThrow(message);
});
