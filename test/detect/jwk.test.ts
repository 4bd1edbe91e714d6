import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { canonicalSpki } from '../../src/core/asn1/spki.js';
import { prove } from '../../src/prove/prove.js';
import { candidates, detect, noise, records } from './harness.js';
import { jwkOf, keys, rsa } from './keys.js';

const usable = keys.filter(({ name }) => /^(RSA-\d+|P-\d+|secp256k1|ed\d+|x\d+)$/.test(name));
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const framed = (bytes: Uint8Array): Buffer =>
  Buffer.concat([noise(33), Buffer.from('\x01='), bytes, Buffer.from(';\x01'), noise(40)]);
const keyOf = (secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' });

describe('private keys of every type', () => {
  test.each(usable.map(({ name, key }): [string, KeyObject] => [name, key]))('%s', (_, key) => {
    const jwk = jwkOf(key);
    const shuffled = Object.fromEntries(Object.entries(jwk).reverse());
    const more = {
      kid: 'a "quoted" \\ name',
      x5c: ['MIIB', 'MIIC'],
      ...jwk,
      use: 'sig',
      ext: true,
      key_ops: ['sign'],
    };
    for (const text of [
      JSON.stringify(jwk),
      JSON.stringify(shuffled),
      JSON.stringify(more),
      JSON.stringify(jwk, null, 4),
    ])
      for (const [level, shown] of [
        text,
        JSON.stringify(text).slice(1, -1),
        JSON.stringify(JSON.stringify(text)).slice(3, -3),
      ].entries())
        for (const bytes of [Buffer.from(shown), Buffer.from(shown, 'utf16le'), utf16be(shown)]) {
          // Braces have no backslash in an outer string.
          const found = candidates(detect(framed(bytes), ['jwk']));
          expect(
            found.map((one) => [one.encoding, one.partial, one.confidence, one.offset, one.length]),
          ).toEqual([['jwk', false, 'high', 35, bytes.length]]);
          expect(keyOf(found[0]!.secret.reveal()).equals(key)).toBe(true);
          expect(level).toBeLessThan(3);
        }
  });
});

test('each key of a set is found once, private or public', () => {
  const set = {
    keys: usable.map(({ key }, i) =>
      i % 2 === 0 ? jwkOf(key) : createPublicKey(key).export({ format: 'jwk' }),
    ),
  };
  const found = detect(framed(Buffer.from(JSON.stringify(set, null, 2))), ['jwk']);
  const secrets = usable.filter((_, i) => i % 2 === 0);
  expect(candidates(found)).toHaveLength(secrets.length);
  for (const [i, one] of candidates(found).entries())
    expect(keyOf(one.secret.reveal()).equals(secrets[i]!.key)).toBe(true);
  const open = usable
    .filter((_, i) => i % 2 === 1)
    .map(({ key }) => createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer);
  expect(records(found).map(({ spki }) => Buffer.from(spki).toString('hex'))).toEqual(
    open.map((spki) => spki.toString('hex')),
  );
});

test('a symmetric key', () => {
  const [one] = candidates(
    detect(Buffer.from(JSON.stringify({ kty: 'oct', k: noise(32).toString('base64url'), alg: 'HS256' })), [
      'jwk',
    ]),
  );
  expect([one?.kind, one?.preview, Buffer.from(one!.secret.reveal()).equals(noise(32))]).toEqual([
    'symmetric-key',
    'symmetric key, 256 bits',
    true,
  ]);
});

test('truncated at either end: found if enough members are left', () => {
  const text = JSON.stringify(jwkOf(rsa));
  const cut = candidates(detect(Buffer.from(`${text.slice(0, 1024)}",\n"kty and more`), ['jwk']));
  expect(
    cut.map((one) => [
      one.partial,
      one.confidence,
      one.material?.type === 'rsa' && one.material.d !== undefined,
    ]),
  ).toEqual([[true, 'medium', true]]);
  const reversed = JSON.stringify(Object.fromEntries(Object.entries(jwkOf(rsa)).reverse()));
  const [front] = candidates(detect(Buffer.from(reversed.slice(300)), ['jwk']));
  expect([front?.partial, front?.material?.type === 'rsa' && front.material.d !== undefined]).toEqual([
    true,
    true,
  ]);
  expect(detect(Buffer.from(text.slice(0, 300)), ['jwk'])).toEqual([]);
});

// Freed memory: the allocator has overwritten the first 16 or 32 bytes.
test.each([
  ['text', (text: string) => text],
  ['text with spaces', (text: string) => JSON.stringify(JSON.parse(text), null, 2)],
  ['a string in JSON', (text: string) => JSON.stringify(text).slice(1, -1)],
  ['a string in a string', (text: string) => JSON.stringify(JSON.stringify(text)).slice(3, -3)],
])('without kty and a part of n, %s: an RSA key is recovered from its primes', (_, show) => {
  const shown = show(JSON.stringify(jwkOf(rsa)));
  const rest = shown.slice(shown.indexOf('RSA') + 40);
  for (const bytes of [Buffer.from(rest), Buffer.from(rest, 'utf16le'), utf16be(rest)]) {
    const [found, ...more] = candidates(detect(Buffer.concat([Buffer.alloc(32, 1), bytes]), ['jwk']));
    expect([found?.partial, more]).toEqual([true, []]);
    expect(prove(found!.material!)).toMatchObject({
      status: 'proven',
      canonicalSpki: new Uint8Array(
        canonicalSpki(createPublicKey(rsa).export({ type: 'spki', format: 'der' }))!,
      ),
    });
  }
});

test.each([
  ['a schema', '{"kty":{"type":"string"},"d":{"type":"string"}}'],
  ['a list of names', '["kty","crv","x","y","d","n","e"]'],
  ['a placeholder', '{"kty":"RSA","n":"...","e":"AQAB","d":"..."}'],
  ['no curve', '{"kty":"EC","d":"AAAA"}'],
  ['an object of JavaScript', '{kty:"RSA"}'],
  ['a name alone', '"kty'],
])('%s is no key', (_, text) => {
  expect(detect(Buffer.from(text), ['jwk'])).toEqual([]);
});

test('members of a key in a string of another key do not mix', () => {
  const [a, b] = usable
    .filter(({ name }) => name.startsWith('P-'))
    .map(({ key }) => jwkOf(key) as JsonWebKey);
  const found = candidates(detect(Buffer.from(JSON.stringify({ ...a, inner: JSON.stringify(b) })), ['jwk']));
  expect(found.map((one) => one.material?.type === 'ec' && one.material.curve)).toEqual(['P-256']);
});
