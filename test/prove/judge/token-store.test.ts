import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { KeyJoiner } from '../../../src/prove/judge/joiner.js';
import { TokenStore } from '../../../src/prove/judge/token-store.js';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const KEY = Buffer.from('ours');

function jwt(iss: string, i: number, key: Buffer = Buffer.from(`${iss} ${i}`)): Secret {
  const signed = `${encode({ alg: 'HS256' })}.${encode({ iss, i })}`;
  return Secret.text(`${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`);
}

const all = fc.array(fc.record({ iss: fc.constantFrom('a', 'b', 'c', 'd', 'e'), i: fc.nat(60) }), {
  maxLength: 120,
});

test('the tokens kept do not depend on their order, and each group keeps one', () => {
  fc.assert(
    fc.property(all, fc.integer({ min: 1, max: 30 }), fc.nat(), (tokens, most, seed) => {
      const keep = (some: typeof tokens) => {
        const store = new TokenStore({ tokens: most, characters: 1 << 20 });
        for (const { iss, i } of some) store.add({ offset: i, length: 1 }, jwt(iss, i));
        return store.inOrder().map(({ jwt: { signed } }) => signed);
      };
      const kept = keep(tokens);
      const shuffled = tokens
        .map((token, i) => ({ token, rank: Math.imul(i + 1, seed | 1) >>> 0 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ token }) => token);
      expect(keep(shuffled)).toEqual(kept);
      const distinct = new Set(tokens.map(({ iss, i }) => `${iss} ${i}`));
      expect(kept.length).toBe(Math.min(most, distinct.size));
      const groups = new Set(tokens.map(({ iss }) => iss));
      const firsts = new Set(
        kept.map((signed) => JSON.parse(Buffer.from(signed.split('.')[1]!, 'base64url').toString()).iss),
      );
      expect(firsts.size).toBe(Math.min(most, groups.size));
    }),
    { numRuns: 100 },
  );
});

test('tokens that are not kept are a limit', () => {
  const store = new TokenStore({ tokens: 10, characters: 1 << 20 });
  for (let i = 0; i < 50; i++) store.add({ offset: i * 10, length: 5 }, jwt('a', i));
  expect([store.dropped, store.extent]).toEqual([40, { offset: 0, length: 495 }]);
});

test('a key is joined to the token next to it; skipped verifications are a limit', () => {
  const joiner = new KeyJoiner();
  for (let i = 0; i < 20_000; i++) joiner.addJwt({ offset: 1000 * i, length: 100 }, jwt('them', i));
  joiner.addJwt({ offset: 7_000_500, length: 100 }, jwt('them', 20_000, KEY));
  const { statements } = joiner.join({ symmetric: new Secret(KEY) }, 7_000_400);
  expect(statements).toEqual(['verifies the JWT at 0x6ad1b4']);
  for (let i = 0; i < 60; i++) joiner.join({ symmetric: new Secret(Buffer.from(`${i}`)) }, 0);
  expect(joiner.limits()).toEqual([
    {
      search: 'jwt-signatures',
      reason: 'the budget for verifications was spent',
      offset: 0,
      length: expect.any(Number),
      target: 'blind',
      left: expect.any(Number),
      deep: true,
    },
  ]);
});
