import { createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { type SessionVector, sessionVectors } from '../../fixtures/sessions.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { atOnce } from '../../src/core/base/runtime/turns.js';
import { SessionJoiner } from '../../src/prove/judge/session-joiner.js';
import { SessionSecrets } from '../../src/scan/session-secrets.js';
import { RULE } from '../search/harness.js';

const random = new SeededRandom('session secrets');

/** Numbers, and the text at an aligned place, as an object of an interpreter holds it. */
function heapWith(text: string): Buffer {
  const bytes = random.bytes(1 << 16);
  bytes.fill(0, 0x8000, 0x8100);
  bytes.writeBigUInt64LE(BigInt(text.length), 0x8010);
  bytes.write(text, 0x8020);
  return bytes;
}

function search(vectors: readonly SessionVector[], bytes: Buffer) {
  const joiner = new SessionJoiner(1_250_000);
  for (const [i, { token }] of vectors.entries())
    joiner.add({ offset: 0x100 * i, length: token.length }, Secret.text(token));
  const samples = joiner.samples();
  if (samples === undefined) throw new Error('no samples');
  const texts = new SessionSecrets(samples);
  return {
    found: [...atOnce(texts.candidates(RULE, bufferReader(bytes), false))],
    limits: texts.limits(bytes.length),
  };
}

const vectors = sessionVectors();

describe.each([...new Set(vectors.map(({ name }) => name))])('%s', (name) => {
  const own = vectors.filter((each) => each.name === name);

  test('a text that no rule has found signs the sessions', () => {
    // Laravel decodes its key: in memory it is bytes, or the text.
    const { found, limits } = search(own, heapWith(own[0]!.secret.replace('base64:', '')));
    expect(found).toMatchObject([{ offset: 0x8020, material: { type: 'oct' }, kind: 'symmetric-key' }]);
    expect(limits).toEqual([]);
  });

  test('other texts do not', () => {
    expect(search(own, heapWith(random.text(64, 'abcdef0123456789'))).found).toEqual([]);
  });
});

test('one secret for each framework', () => {
  const express = vectors.find(({ name }) => name === 'express')!;
  const bytes = Buffer.concat([heapWith(express.secret), heapWith(vectors[0]!.secret)]);
  expect(search(vectors, bytes).found.map(({ offset }) => offset)).toEqual([0x8020, 0x18020]);
});

test('a secret that Rails has made, among thousands of digests', () => {
  const secret = random.text(128, 'abcdef0123456789');
  const key = pbkdf2Sync(secret, 'signed cookie', 1_000, 64, 'sha1');
  const message = Buffer.from('{"_rails":{"message":"Nw==","exp":null,"pur":"cookie.user"}}').toString(
    'base64',
  );
  const token = `${message}--${createHmac('sha1', key).update(message).digest('hex')}`;
  const digests = Buffer.alloc(1 << 19);
  for (let at = 0; at < digests.length; at += 128) digests.write(random.text(64, 'abcdef0123456789'), at);
  const bytes = Buffer.concat([digests, heapWith(secret)]);
  const vector = { name: 'rails', rule: 'rails-signed-cookie', what: '', token, secret };
  expect(search([vector], bytes).found.map(({ offset }) => offset)).toEqual([digests.length + 0x8020]);
});

test('a secret of documentation that the artifact need not contain', () => {
  const signature = createHmac('sha256', 'changeme').update('seven').digest('base64').replace('=', '');
  const joiner = new SessionJoiner(1_250_000);
  joiner.add({ offset: 0x100, length: 60 }, Secret.text(`s%3Aseven.${signature}`));
  const texts = new SessionSecrets(joiner.samples()!);
  expect([...atOnce(texts.documented(RULE))]).toMatchObject([
    {
      ...{ offset: 0x100, length: 60, confidence: 'low', encoding: 'session' },
      evidence: [expect.stringMatching(/^the Express cookie at 0x100 has a secret of documentation: /)],
    },
  ]);
});
