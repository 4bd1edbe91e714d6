import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { derIntegers } from '../../src/search/rsa/collect-edge-windows.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { rsaFrom } from './seeded.js';

/** Integers in a piece of a run; the first `before` bytes precede the run. */
const integersOf = (bytes: Buffer, before = 0) =>
  [
    ...derIntegers(bytes, {
      ...{ offset: 0, at: before, before, words: Math.floor((bytes.length - before) / 8) },
      ...{ after: bytes.length - before, startsRun: true, endsRun: true },
    }),
  ].map(({ at, length }) => [at, length]);

const integer = (header: string, length: number, first: number) =>
  Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(length, first)]);

test.each([
  ['1,024 bits', integer('02818100', 128, 0xc1), [[4, 128]]],
  ['1,023 bits, without a sign octet', integer('028180', 128, 0x41), [[3, 128]]],
  ['1,536 bits', integer('0281c100', 192, 0xc1), [[4, 192]]],
  ['2,048 bits', integer('0282010100', 256, 0xc1), [[5, 256]]],
  [
    'two in a row',
    Buffer.concat([integer('02818100', 128, 0xc1), integer('028180', 128, 0x41)]),
    [
      [4, 128],
      [135, 128],
    ],
  ],
  ['a negative one', integer('028180', 128, 0xc1), []],
  ['one with a redundant sign octet', integer('02818100', 128, 0x41), []],
  ['one whose end is not in memory', integer('02818100', 127, 0xc1), [[4, 128]]],
  ['one that does not fill its words', integer('02818200', 129, 0xc1), []],
  ['a short one', integer('024100', 64, 0xc1), []],
])('%s', (_, bytes, expected) => {
  expect(integersOf(bytes)).toEqual(expected);
});

test('a header can be in the word before the run', () => {
  expect(integersOf(Buffer.concat([Buffer.alloc(4), integer('02818100', 136, 0xc1)]), 8)).toEqual([[8, 128]]);
});

test.each([2048, 3072, 4096])(
  'one prime of RSA-%i in the rest of a PKCS#1 structure gives the key',
  (bits) => {
    const key = rsaFrom('der-integers', bits);
    const pkcs1 = key.export({ format: 'der', type: 'pkcs1' }) as Buffer;
    const spki = spkiOf(key);
    const { p, q } = parts(key);
    for (const [prime, byte] of [
      [p!, 0],
      [p!, 3],
      [q!, 6],
    ] as const) {
      const at = pkcs1.indexOf(prime);
      // Bytes before the prime, and half of the next number.
      const rest = pkcs1.subarray(at - 90, at + prime.length + prime.length / 2);
      const noise = new SeededRandom(`${bits} ${byte}`).bytes(prime.length);
      // Another number of the same length fills a run.
      const dump = Buffer.concat([
        ...[Buffer.alloc(4096), noise, Buffer.alloc(4096 + byte)],
        ...[rest, Buffer.alloc(4096 + 8 - byte)],
      ]);
      const found = searchBytes(dump, { publicKeys: [{ spki: Buffer.from(spki, 'base64') }] });
      const offset = dump.indexOf(prime);
      expect(describeAll(found)).toEqual([{ spki, encoding: 'bytes-be', offset }]);
      expect(describeAll(searchBytes(dump))).toEqual([]);
    }
  },
);
