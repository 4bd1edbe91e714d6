import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork, WorkBudget } from '../../src/search/core/skipped-work.js';
import { byteOffsetPrimes } from '../../src/search/rsa/byte-offset-primes.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS } from './memory.js';
import { rsaFrom } from './seeded.js';

const keys = [1024, 2048].map((bits) => rsaFrom('everywhere', bits));
const noise = new SeededRandom('everywhere').bytes(160 << 10);
const spkiDer = (key: (typeof keys)[number]) => Buffer.from(spkiOf(key), 'base64');

/** Random bytes, one long run, with `value` in them. */
function among(value: Buffer, at: number): Buffer {
  const bytes = Buffer.from(noise);
  value.copy(bytes, at);
  return bytes;
}

/** Odd offsets, and offsets around the ends of blocks, which begin one word before the run. */
const PLACES = [4_099, 65_536 - 9, 65_536 - 8 - 100, 65_536, 131_072 - 31, 160_000];

test.each(['limbs-le', 'bytes-be'])(
  'a prime of a --find target is found at any byte of any run: %s',
  (layout) => {
    for (const key of keys)
      for (const [i, at] of PLACES.entries()) {
        const prime = LAYOUTS[layout]!(parts(key)[i % 2 === 0 ? 'p' : 'q']!);
        const found = searchBytes(among(prime, at), { publicKeys: [{ spki: spkiDer(key), isTarget: true }] });
        const expected = [{ spki: spkiOf(key), encoding: layout, offset: at }];
        expect([at, describeAll(found), found.limits]).toEqual([at, expected, []]);
      }
  },
);

test('a prime with a bit changed is not found', () => {
  const [key] = keys;
  const prime = parts(key!).p!;
  for (const bit of [1, 8, 300, 511]) {
    const changed = Buffer.from(prime);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const context = { publicKeys: [{ spki: spkiDer(key!), isTarget: true }] };
    expect(describeAll(searchBytes(among(changed, 4_099), context))).toEqual([]);
  }
});

test('moduli of the artifact itself, and targets that hold their private key, are not searched', () => {
  const [key] = keys;
  const dump = among(parts(key!).p!, 4_099);
  for (const held of [{}, { isTarget: true, isTargetHeld: true }])
    expect(describeAll(searchBytes(dump, { publicKeys: [{ spki: spkiDer(key!), ...held }] }))).toEqual([]);
});

test('bytes beyond the budget are reported', () => {
  const n = BigInt(`0x${parts(keys[0]!).n!.toString('hex')}`);
  const modulus = { n, e: 65_537n, words: 16, isTarget: true, bare: false, solved: false };
  const kernel = NumberKernel.take();
  const runs = new RunList();
  runs.push({ offset: 0, words: noise.length / 8 });
  const skippedWork = new SkippedWork();
  const search = {
    family: { words: 16, half: 8, moduli: [modulus] },
    // Enough for one block of three.
    effort: new WorkBudget(12_000_000, skippedWork),
  };
  const bytes = new RunBytes(bufferReader(noise), kernel);
  expect([...byteOffsetPrimes({ moduli: [modulus], runs, bytes, search })]).toEqual([]);
  kernel.release();
  const length = noise.length - 65_536;
  const place = { offset: 65_536, length, left: length };
  expect(skippedWork.limits()).toMatchObject([
    { search: 'rsa-known-n every byte', target: 'asked', ...place },
  ]);
});
