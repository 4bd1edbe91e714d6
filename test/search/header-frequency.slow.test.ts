import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { NumberSet } from '../../src/search/core/number-set.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { CurveNumbers } from '../../src/search/curves/numbers/curve-numbers.js';
import { BETWEEN_COPIES, LIKELY, SCALAR } from '../../src/search/curves/numbers/number-flags.js';
import { HeaderFrequency } from '../../src/search/curves/numbers/scalar-rank.js';
import { nearLikely } from '../../src/search/curves/points/candidate-order.js';
import { jacobianPoints } from '../../src/search/curves/points/jacobian-points.js';
import { KernelCurve } from '../../src/search/curves/points/kernel-curve.js';
import { PointSearch } from '../../src/search/curves/points/points.js';
import { chooseScalars, firstScalars } from '../../src/search/curves/scalars/scalar-choice.js';
import { FITTED } from '../../src/sweep/runs/records.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, ed25519From } from './seeded.js';

/** Header of a V8 array: the address of its map, and its length in bytes as a small integer. */
function array(bytes: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64LE(0x02f0_1234_5679n);
  head.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([head, bytes]);
}

/** More numbers than are tried in a small dump with a part of the usual budgets. */
const MANY = 9000;
const SCALE = 0.01;

const ec = ecFrom('crowds', 'secp256k1', 'secp256k1', 32);
const ed = ed25519From('crowds');
const { d: seed, x: publicKey } = ed.export({ format: 'jwk' });

const KEYS = [
  {
    name: 'secp256k1',
    key: ec.key,
    secret: ec.d,
    shown: Buffer.concat([Buffer.of(1, 2, 0, 4), ec.x, ec.y]),
    search: 'ec-scalars',
  },
  {
    name: 'Ed25519',
    key: ed,
    secret: Buffer.from(seed!, 'base64url'),
    shown: Buffer.from(publicKey!, 'base64url'),
    search: 'ed25519-seeds',
  },
];

describe.each(KEYS)(
  'a key of $name among thousands of numbers with one header',
  ({ name, key, secret, shown, search }) => {
    test.each([
      ['is tried before them if it has another header', false],
      ['also if its first occurrence is among them', true],
    ])('%s', (_what, twice) => {
      const memory = new Memory();
      const random = new SeededRandom(`crowd ${name}`);
      memory.filler(1024);
      memory.noise(random, MANY, 4);
      if (twice) memory.chunk(secret);
      memory.noise(random, 100, 4);
      memory.chunk(array(secret));
      memory.chunk(shown);
      const found = searchBytes(memory.bytes(), {}, false, undefined, SCALE);
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
      // All points of secp256k1 have their key: nothing is left to be found.
      const left = found.limits.map((limit) => limit.search);
      expect(left.some((each) => each === search)).toBe(name === 'Ed25519');
    });
  },
);

describe('numbers in the image of a program', () => {
  test('form one group; others are grouped by the word before them', () => {
    const random = new SeededRandom('modules');
    const set = new NumberSet(32);
    // After the chunk size of two of five, the length of an array, a hash of -1, and a word that is not
    // quiet.
    const kinds = [7, 7, 8, 9, 0];
    for (let i = 0; i < 20; i++) set.add(random.bytes(32), 0, i * 40 + 8, 0, kinds[i % 5]!);
    const crowds = new HeaderFrequency((offset) => offset < 400);
    expect([...crowds.groupSizes(set)]).toEqual([...new Array(10).fill(10), 4, 4, 2, 2, 2, 4, 4, 2, 2, 2]);
  });

  test('hundreds of thousands are grouped; of two places the smaller group counts', () => {
    const random = new SeededRandom('apart');
    const set = new NumberSet(32);
    const count = 100_000;
    for (let i = 0; i < count; i++) set.add(random.bytes(32), 0, i * 1e6, 0, 31);
    const last = Buffer.from(set.at(count - 1));
    set.add(last, 0, 1e12, 0, 20);
    const sizes = new HeaderFrequency(() => false).groupSizes(set);
    expect([sizes[0], sizes.at(-2), sizes.at(-1)]).toEqual([count, count, 1]);
  });

  test('are tried last as Jacobian coordinates', () => {
    const domain = DOMAINS.find(({ name }) => name === 'P-256')!;
    const random = new SeededRandom('tables');
    const skippedWork = new SkippedWork();
    const numbers = new CurveNumbers();
    const add = (bytes: Buffer, offset: number) =>
      numbers.addWhole({
        ...{ bytes, at: 0, offset, detail: 3, sum: 0, size: 32 },
        words: new Uint32Array(Uint8Array.from(bytes).buffer),
      });
    const table = 40_000;
    for (let i = 0; i < table; i++) add(random.bytes(32), i * 32);
    // Montgomery form, Z = R: the generator itself.
    const scaled = (value: bigint) => {
      const hex = ((value << 256n) % domain.p).toString(16).padStart(64, '0');
      return Buffer.from(hex, 'hex').reverse();
    };
    for (const [i, value] of [domain.x, domain.y, 1n].entries()) add(scaled(value), (table + 2 * i) * 32);
    const kernel = NumberKernel.take();
    const curve = new KernelCurve(kernel, domain);
    const found = (inModule: (offset: number) => boolean) => {
      const from = {
        length: 0,
        numbers,
        managed: false,
        inModule,
        skippedWork,
        budget: (usual: number) => usual,
      };
      return [...jacobianPoints(curve, from, new Map())];
    };
    expect(found(() => false)).toEqual([]);
    expect(found((offset) => offset < table * 32)).toMatchObject([{ x: domain.x, y: domain.y }]);
    expect(skippedWork.limits()).toMatchObject([{ search: 'ec-points', offset: expect.any(Number) }]);
    kernel.release();
  });
});

test('of too many numbers those near one with its own object are tried, the rest is reported', () => {
  const domain = DOMAINS.find(({ name }) => name === 'secp256k1')!;
  const random = new SeededRandom('code');
  const skippedWork = new SkippedWork();
  const numbers = new CurveNumbers();
  const add = (bytes: Buffer, offset: number, detail: number) => {
    const words = new Uint32Array(Uint8Array.from(bytes).buffer);
    numbers.addWhole({ bytes, words, at: 0, offset, detail, sum: 0, size: 32 });
  };
  const many = 40_000;
  for (let i = 0; i < many; i++) add(random.bytes(32), i * 1000, 1);
  add(ec.x, many * 1000, 3);
  add(ec.y, many * 1000 + 48, 0);
  const kernel = NumberKernel.take();
  const curve = new KernelCurve(kernel, domain);
  const find = (deep: boolean) => {
    // The usual budget covers all numbers that are kept.
    const budget = (usual: number) => (deep ? Number.POSITIVE_INFINITY : Math.floor(usual / 8));
    const from = { length: 0, numbers, managed: true, inModule: () => false, skippedWork, budget };
    return [
      ...finish(new PointSearch(kernel, [curve]).find(from, []))
        .get(curve)!
        .keys(),
    ];
  };
  const x = BigInt(`0x${ec.x.toString('hex')}`);
  expect(find(true)).toEqual([x]);
  expect(skippedWork.limits()).toEqual([]);
  expect(find(false)).toEqual([x]);
  const reason = "40000 numbers were not tried as coordinates of a point: the search's budget was spent";
  expect(skippedWork.limits()).toMatchObject([{ search: 'ec-coordinates', reason }]);
  kernel.release();
});

test('of too many likely numbers those with a header of their length are tried', () => {
  const random = new SeededRandom('headers');
  const [count, most] = [40_000, 100];
  const set = new NumberSet(32);
  const fitting = [777, 20_000, 39_999];
  for (let i = 0; i < count; i++)
    set.add(random.bytes(32), 0, i * 1000, SCALAR | LIKELY | (fitting.includes(i) ? FITTED : 0));
  const crowds = new HeaderFrequency(() => false);
  const chosen = chooseScalars(set, { all: most, most }, crowds, (left) =>
    expect(left).toBe(set.length - most),
  );
  expect(chosen).toEqual(expect.arrayContaining(fitting));
  expect(chosen).toHaveLength(most);
  const ordered = [...nearLikely(set)];
  expect(ordered.slice(0, 3)).toEqual(fitting);
  expect(ordered).toHaveLength(count);
});

test('firstScalars returns the requested count for any group size', () => {
  const random = new SeededRandom('first');
  const set = new NumberSet(32);
  for (let i = 0; i < 8000; i++) set.add(random.bytes(32), 0, i * 1000, SCALAR | LIKELY);
  expect(firstScalars(set, 500, new HeaderFrequency(() => false))).toHaveLength(500);
});

test('a full set still accepts numbers with a header of their length', () => {
  const random = new SeededRandom('full');
  const set = new NumberSet(32);
  let added = 0;
  while (set.add(random.bytes(32), 0, added, SCALAR)) added++;
  expect(added).toBeGreaterThan(200_000);
  const last = random.bytes(32);
  expect(set.add(last, 0, 1e9, SCALAR | LIKELY | FITTED)).toBe(true);
  expect(set.at(set.length - 1)).toEqual(last);
});

test.each([
  ['more than are tried', LIKELY],
  ['fewer than are tried', 0],
])('a number between two copies of another comes first among %s likely ones', (_what, likely) => {
  const random = new SeededRandom('between');
  const [count, most] = [500, 100];
  const set = new NumberSet(32);
  for (let i = 0; i < count; i++) {
    const between = i === count - 1 ? LIKELY | BETWEEN_COPIES : likely;
    // Each of the first ones after a header of its own; the others, and that number, after none.
    set.add(random.bytes(32), 0, i * 40 + 8, SCALAR | between, i < 2 * most ? 1000 + i : 0);
  }
  const crowds = new HeaderFrequency(() => false);
  const chosen = chooseScalars(set, { all: 2 * most, most }, crowds, (left) =>
    expect(left).toBe(set.length - most),
  );
  expect([chosen.length, chosen.at(-1)]).toEqual([most, count - 1]);
});
