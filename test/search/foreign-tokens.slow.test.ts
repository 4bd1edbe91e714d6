import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../fixtures/random.js';
import { atOnce } from '../../src/core/base/runtime/turns.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import type { SignedToken } from '../../src/search/core/types.js';
import { CandidateList } from '../../src/search/secrets/hmac/candidate-list.js';
import { plainKey } from '../../src/search/secrets/hmac/hmac-secret.js';
import { BATCH, blocksOf, MacBatch } from '../../src/search/secrets/hmac/mac-kernel.js';
import { PairTrials, UntriedPairs } from '../../src/search/secrets/hmac/pair-trials.js';
import { TokenSet, UNITS } from '../../src/search/secrets/hmac/token-set.js';
import { searchBytes } from './harness.js';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(key: Buffer, { bits = 256, offset = 0, header = {}, claims = {} } = {}): SignedToken {
  const signed = Buffer.from(`${encode({ alg: `HS${bits}`, ...header })}.${encode(claims)}`);
  const hash = `sha${bits}`;
  return { offset, hash, signed, signature: createHmac(hash, key).update(signed).digest() };
}

const hashes = ['sha256', 'sha384', 'sha512'] as const;

test('the kernel computes HMAC: keys and messages of every length around a block', () => {
  const random = new SeededRandom('macs');
  for (const hash of hashes) {
    const keys = Array.from({ length: BATCH }, (_, i) => random.bytes(i));
    for (let length = 0; length < 300; length += 7) {
      const signed = random.bytes(length);
      const index = (length * 31) % BATCH;
      const signature = createHmac(hash, keys[index]!).update(signed).digest();
      const batch = MacBatch.ofKeys(hash, keys);
      expect(batch.matching({ signed, signature })).toEqual([index]);
      signature[length % signature.length]! ^= 1;
      expect(batch.matching({ signed, signature })).toEqual([]);
    }
  }
  MacBatch.release();
});

/** Tokens under some of the keys, with equal or different groups. */
const world = fc.record({
  keys: fc.integer({ min: 1, max: 600 }),
  tokens: fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 800 }),
      bits: fc.constantFrom(256, 384, 512),
      kid: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      iss: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  budget: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 200_000 })),
});

test('a key is found exactly if a naive search over the tried pairs finds it', () => {
  const keyOf = (i: number) => Buffer.from(`key number ${i}`);
  fc.assert(
    fc.property(world, ({ keys, tokens: made, budget }) => {
      const tokens = made.map(({ key, bits, kid, iss }, i) =>
        tokenOf(keyOf(key), { bits, offset: 1000 * i, header: { kid }, claims: { iss: `${iss}`, i } }),
      );
      const set = new TokenSet(tokens);
      const order = set.open();
      const list = new CandidateList(1 << 20);
      for (let i = 0; i < keys; i++) list.add(plainKey(keyOf(i), i));
      const skipped = new SkippedWork();
      const trials = new PairTrials(set, new UntriedPairs(skipped, set), () => budget, budget);
      const found = [...atOnce(trials.product(list, 'hmac-texts', order))].map(({ key }) => key.toString());
      expect(new Set(found).size).toBe(found.length);

      // Every found key verifies a token, and settles all that it verifies.
      const verifies = (key: string, { token }: (typeof order)[number]) =>
        createHmac(token.hash, key).update(token.signed).digest().equals(token.signature);
      for (const key of found) expect(order.some((tried) => verifies(key, tried))).toBe(true);
      const left = skipped.limits()[0]?.left ?? 0;
      const naive = Array.from({ length: keys }, (_, i) => keyOf(i).toString()).filter((key) =>
        order.some((tried) => verifies(key, tried)),
      );
      if (left === 0) expect(new Set(found)).toEqual(new Set(naive));
      else expect(left).toBeLessThanOrEqual(keys * order.length);
      if (budget === Number.POSITIVE_INFINITY) expect(left).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('units of work are blocks of SHA-256', () => {
  const [token] = new TokenSet([tokenOf(Buffer.from('x'), { bits: 512 })]).open();
  expect(token!.units).toBe(blocksOf('sha512', token!.token.signed.length) * UNITS.sha512);
});

/** Zeros with 500 foreign tokens of one service, ours at `at`, and these bytes at `where`. */
function dump(bits: number, options: { at: number; distinct?: 'iss' | 'kid'; wide?: boolean }) {
  const random = new SeededRandom('foreign');
  const memory = Buffer.alloc(5 << 18);
  const tokens: SignedToken[] = [];
  const add = (key: Buffer, offset: number, i: number) => {
    const { distinct } = options;
    const token = tokenOf(key, {
      bits,
      offset,
      header: { kid: distinct === 'kid' ? `${i}` : 'one' },
      claims: { iss: distinct === 'iss' ? `${i}` : 'one', i },
    });
    const text = `${Buffer.from(token.signed)}.${Buffer.from(token.signature).toString('base64url')}`;
    const written = Buffer.from(text, options.wide ? 'utf16le' : 'latin1');
    memory.set(written, offset);
    tokens.push({ ...token, length: written.length });
  };
  for (let i = 0; i < 500; i++) add(random.bytes(32), 1024 + i * 2000, i);
  const key = Buffer.from(['a', 'phrase', 'of', 'ours'].join(' '));
  add(key, options.at, 500);
  return { memory, tokens, key };
}

const LAST = 1024 + 500 * 2000;
const PLACES: [where: string, offset: number, text: (key: string) => string][] = [
  ['named, far before', 100, (key) => `\0JWT_SECRET=${key}\0`],
  ['named, far behind', LAST + 50_000, (key) => `{"secret":"${key}"}`],
  ['near, before', LAST - 700, (key) => `\0"${key}",`],
  ['near, behind', LAST + 1400, (key) => `\0"${key}",`],
];

test.each(
  [256, 384, 512].flatMap((bits) =>
    PLACES.flatMap(([where, offset, text]) =>
      ([undefined, 'iss', 'kid'] as const).map(
        (distinct) =>
          [`HS${bits}`, where, distinct ?? 'one group', { bits, offset, text, distinct }] as const,
      ),
    ),
  ),
)(
  'our secret among 500 foreign tokens: %s, %s, %s',
  (_bits, _where, _group, { bits, offset, text, distinct }) => {
    for (const wide of [false, true]) {
      const options = { at: LAST, wide, ...(distinct ? { distinct } : {}) };
      const { memory, tokens, key } = dump(bits, options);
      memory.set(Buffer.from(text(key.toString()), wide ? 'utf16le' : 'latin1'), offset);
      const { candidates } = searchBytes(memory, { tokens });
      expect(candidates.map(({ secret }) => Buffer.from(secret.reveal()).toString())).toEqual([
        key.toString(),
      ]);
    }
  },
);
