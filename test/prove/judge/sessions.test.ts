import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sessionVectors } from '../../../fixtures/sessions.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../../src/core/base/runtime/turns.js';
import type { Kind } from '../../../src/core/model/report.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { KeyJudge, type Settled } from '../../../src/prove/judge/key-judge.js';
import { SessionJoiner } from '../../../src/prove/judge/session-joiner.js';
import { SessionStore } from '../../../src/prove/judge/session-store.js';
import { SessionVerification } from '../../../src/prove/judge/session-verification.js';
import { RULE } from '../../search/harness.js';

/** A text that a rule has found. */
function textOf(
  secret: string,
  { kind = 'symmetric-key' as Kind, detector = 'text', offset = 0 } = {},
): SecretCandidate {
  const { length } = secret;
  return {
    ...{ type: 'candidate', rule: { ...RULE, kind, detector, signing: true }, offset, length },
    ...{ extents: [{ offset, length }], notAdjacentInMemory: false, secret: Secret.text(secret) },
    ...{ confidence: 'medium', evidence: [], notes: [], partial: false, preview: '' },
  };
}

function settled(candidates: readonly SecretCandidate[], fill: (judge: KeyJudge) => void): Settled[] {
  const judge = new KeyJudge();
  const now = candidates.flatMap((candidate) => judge.take(candidate));
  fill(judge);
  return [...now, ...atOnce(judge.settle())];
}

const vectors = sessionVectors();
const addAll = ({ joiner }: KeyJudge): void => {
  for (const [i, { token }] of vectors.entries())
    joiner.sessions.add({ offset: 0x1000 * (i + 1), length: token.length }, Secret.text(token));
};

test.each([...new Set(vectors.map(({ secret }) => secret))])(
  'secret %# is proven by its sessions alone',
  (secret) => {
    const own = [...vectors.entries()].filter(([, vector]) => vector.secret === secret);
    const { candidate, verdict } = settled([textOf(secret)], addAll)[0]!;
    expect(verdict).toMatchObject({ verifiesToken: true, proof: { status: 'proven' } });
    expect(candidate.encoding).toBe('utf8');
    const { statements } = verdict.proof as { statements: string[] };
    expect(statements).toHaveLength(new Set(own.map(([, { token }]) => token)).size);
    const places = own.map(([i]) => `at 0x${(0x1000 * (i + 1)).toString(16)}`);
    for (const statement of statements)
      expect(places).toContain(statement.slice(statement.lastIndexOf('at ')));
  },
);

test('the statement names the framework and the place', () => {
  const [{ secret, token }] = vectors as [(typeof vectors)[0]];
  const { verdict } = settled([textOf(secret)], ({ joiner }) => {
    joiner.sessions.add({ offset: 0x5000, length: 9 }, Secret.text(token));
    joiner.sessions.add({ offset: 0x1f40, length: 9 }, Secret.text(token));
  })[0]!;
  expect(verdict.proof).toMatchObject({ statements: ['signed the Django session at 0x1f40'] });
});

test('a secret that signs nothing keeps its verdict', () => {
  expect(settled([textOf('0f'.repeat(16))], addAll)).toMatchObject([{ verdict: {} }]);
});

test('a token of the manual of Django shows no secret in use', () => {
  const joiner = new SessionJoiner(1_250_000);
  const parts = [
    '.eJwFwcERACAIwLCF',
    '-rCiILN47r-GyZVJsNgkxaFxoDgxcOHGxMKD_T7vhAml',
    ':1QaUaL:',
    'BA0thEZrp4FQVXIXuOvYJtLJSrQ',
  ];
  joiner.add({ offset: 0, length: 96 }, Secret.text(parts.join('')));
  expect(joiner.samples()).toBeUndefined();
});

const SECRET = '4a7d1ed414474e4033ac29ccb8653d9b4a7d1ed414474e4033ac29ccb8653d9b';

describe('JSON Web Tokens', () => {
  const jwt = (bits: 256 | 384 | 512, key: Buffer): Secret => {
    const [header, payload] = [{ alg: `HS${bits}` }, { sub: '7' }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signed = `${header}.${payload}`;
    return Secret.text(`${signed}.${createHmac(`sha${bits}`, key).update(signed).digest('base64url')}`);
  };
  const bytes = Buffer.from(SECRET, 'hex');

  test.each([
    ['as text', SECRET, Buffer.from(SECRET)],
    ['in hexadecimal', SECRET, bytes],
    ['in base64', bytes.toString('base64'), bytes],
    ['in base64url', bytes.toString('base64url'), bytes],
    ['in base64 with a prefix', `base64:${bytes.toString('base64')}`, bytes],
  ])('prove a secret %s', (_, text, key) => {
    for (const bits of [256, 384, 512] as const) {
      const { verdict } = settled([textOf(text)], ({ joiner }) =>
        joiner.addJwt({ offset: 0x2000, length: 100 }, jwt(bits, key)),
      )[0]!;
      expect(verdict).toMatchObject({
        verifiesToken: true,
        proof: { status: 'proven', statements: ['verifies the JWT at 0x2000'] },
      });
    }
  });
});

test.each([
  ['symmetric-key', 'text', true],
  ['credential', 'value', true],
  ['credential', 'text', false],
  ['token', 'text', false],
] as const)('%s of the detector %s waits: %p', (kind, detector, waits) => {
  const judge = new KeyJudge();
  expect(judge.take(textOf(SECRET, { kind, detector })).length === 0).toBe(waits);
});

test('a secret of documentation is known as one', () => {
  const value = 's%3Aseven.'.concat(
    createHmac('sha256', 'changeme').update('seven').digest('base64').replace('=', ''),
  );
  const { verdict } = settled([textOf('changeme')], ({ joiner }) =>
    joiner.sessions.add({ offset: 0, length: 9 }, Secret.text(value)),
  )[0]!;
  expect(verdict.proof).toMatchObject({ status: 'proven', published: expect.any(String) });
});

const cookie = (i: number): Secret => Secret.text(`s%3A${i}.${'A'.repeat(43)}`);

describe('bounds', () => {
  test('which tokens are kept does not depend on their order', () => {
    const kept = [0, 1].map((reversed) => {
      const store = new SessionStore({ tokens: 10, bytes: 1 << 20 });
      const order = Array.from({ length: 100 }, (_, i) => (reversed ? 99 - i : i));
      for (const i of order) store.add({ offset: i, length: 50 }, cookie(i));
      return { dropped: store.dropped, offsets: store.inOrder().map(({ offset }) => offset) };
    });
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[0]).toMatchObject({ dropped: 90, offsets: { length: 10 } });
  });

  test('a token beyond the bound of bytes is dropped', () => {
    const store = new SessionStore({ tokens: 10, bytes: 100 });
    for (let i = 0; i < 5; i++) store.add({ offset: i, length: 50 }, cookie(i));
    expect([store.dropped, store.inOrder().length]).toEqual([3, 2]);
  });

  test('a flood of secrets leaves work for the last one', () => {
    const store = new SessionStore();
    for (const [i, { token }] of vectors.entries())
      store.add({ offset: i * 0x1000, length: token.length }, Secret.text(token));
    const skipped: number[] = [];
    const sessions = new SessionVerification(store.inOrder(), (tokens) => skipped.push(tokens), 60_000);
    const verified = (secret: string) => finish(sessions.verified([Secret.text(secret)], 8)).length;
    for (let i = 0; i < 5; i++) expect(verified(`${i}${SECRET}`)).toBe(0);
    expect(skipped).toEqual([]);
    expect(verified(vectors[0]!.secret)).toBeGreaterThan(0);
    for (let i = 0; i < 9; i++) verified(`${i}${SECRET}`);
    expect(skipped.length).toBeGreaterThan(0);
  });

  test('no tokens, no work', () => {
    const joiner = new SessionJoiner(0);
    joiner.add({ offset: 0, length: 5 }, Secret.text('hello'));
    expect(finish(joiner.joining([Secret.text(SECRET)], 0))).toEqual({ statements: [], inUse: false });
    expect([...joiner.limits()]).toEqual([]);
  });
});
