import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { SecretCandidate } from '../../src/detect/core/types.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import fc from '../support/property.js';
import { naiveScan } from './naive-scan.js';

const rule = loadBuiltin().find(({ detector }) => detector === 'jwt')!;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with a valid signature (HS256, RS256, ES256), or unsigned. */
function made(alg: 'HS256' | 'RS256' | 'ES256' | 'none', payload: object, header: object = {}): string {
  const input = `${part({ alg, ...header })}.${part(payload)}`;
  const signers = {
    HS256: () => createHmac('sha256', 'k').update(input).digest(),
    RS256: () =>
      sign('sha256', Buffer.from(input), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ES256: () =>
      sign('sha256', Buffer.from(input), {
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
        dsaEncoding: 'ieee-p1363',
      }),
    none: () => Buffer.alloc(0),
  };
  return `${input}.${signers[alg]().toString('base64url')}`;
}

const payload = {
  iss: 'https://issuer.test',
  aud: ['api', 'web'],
  sub: 'alice@issuer.test',
  exp: 1900000000,
};

const scan = (content: string): SecretCandidate[] => naiveScan(Buffer.from(content, 'latin1'), [rule]);
const only = (content: string): SecretCandidate => {
  const found = scan(content);
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('jwt', () => {
  test.each(['HS256', 'RS256', 'ES256'] as const)('finds a %s token whole, with its public claims', (alg) => {
    const token = made(alg, payload, { kid: 'key-7', typ: 'JWT' });
    const found = only(`\0Bearer ${token}\0`);
    expect(found).toMatchObject({
      offset: 8,
      length: token.length,
      confidence: 'high',
      evidence: ['signature has the length of its algorithm'],
      notes: [],
      partial: false,
      encoding: 'jwt',
      preview: `eyJ… (${token.length})`,
      claims: { alg, kid: 'key-7', iss: payload.iss, aud: payload.aud, exp: payload.exp },
    });
    expect(found.severity).toBeUndefined();
    expect(Buffer.from(found.secret.reveal()).toString()).toBe(token);
  });

  test('the subject is not kept', () => {
    expect(JSON.stringify(only(made('HS256', payload)).claims)).not.toContain('alice');
  });

  test('fields of the header in any order, and foreign characters before it', () => {
    const token = made('HS256', payload, { zip: 'x', alg: 'HS256' });
    for (const before of ['', '"', '\\n', 'x', '\xff'])
      expect(only(`${before}${token}"`)).toMatchObject({ offset: before.length, length: token.length });
  });

  test('an unsigned token has severity info', () => {
    expect(only(`${made('none', payload)}\0`)).toMatchObject({ severity: 'info', confidence: 'low' });
  });

  test('the example of documentation has severity info', () => {
    expect(only(made('HS256', { sub: '1234567890', name: 'J' }))).toMatchObject({
      severity: 'info',
      notes: ['looks like a placeholder: the example token of documentation'],
    });
  });

  test('a token without its signature is partial, one with a wrong length demoted', () => {
    const token = made('HS256', payload);
    const [header, body, signature = ''] = token.split('.');
    expect(only(`${header}.${body}\0`)).toMatchObject({ partial: true, confidence: 'low' });
    expect(only(`${header}.${body}.${signature.slice(0, 20)}\0`)).toMatchObject({
      partial: false,
      confidence: 'low',
      notes: ['its signature does not have the length of its algorithm'],
    });
  });

  test('a service account token is named, and one that never expires is high', () => {
    const account = { iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:a:b' };
    expect(only(made('RS256', account))).toMatchObject({
      title: 'Kubernetes service account token',
      severity: 'high',
    });
    expect(only(made('RS256', { ...account, exp: 1900000000 })).severity).toBe('medium');
  });

  test.each([
    ['https://sts.windows.net/1/', { appid: '1' }, 'medium'],
    ['https://login.microsoftonline.com/1/v2.0', { azp: '1' }, 'medium'],
    // An identity token opens nothing.
    ['https://login.microsoftonline.com/1/v2.0', { name: 'A' }, undefined],
    ['https://login.microsoftonline.com.acme.tld/1', { azp: '1' }, undefined],
    ['https://issuer.acme.tld', { appid: '1' }, undefined],
  ])('a token of %s with %j', (iss, claims, severity) =>
    expect(only(made('RS256', { iss, ...claims, exp: 1900000000 })).severity).toBe(severity),
  );

  test.each([
    ['a header that is no JSON', `eyJhbGci.${part(payload)}.AAAA`],
    ['a header without alg', `${part({ typ: 'JWT' })}.${part(payload)}.AAAA`],
    ['a payload that is no JSON', `${part({ alg: 'HS256' })}.eyJzdWIi.AAAA`],
    ['a header with bits beyond its last byte', `${part({ alg: 'HS256' })}B.${part(payload)}.AAAA`],
    ['the dot and the mark alone', '.eyJ'.repeat(50)],
  ])('%s is no token', (_name, content) => expect(scan(content)).toEqual([]));

  test.each(['{ "role": "anon" }', '{\n  "role": "anon"\n}'])('a payload with white space: %j', (text) => {
    const token = `${part({ alg: 'HS256' })}.${Buffer.from(text).toString('base64url')}.${'A'.repeat(43)}`;
    expect(only(`\0${token}\0`)).toMatchObject({ offset: 1, length: token.length, confidence: 'high' });
  });

  test('adjacent tokens are found separately', () => {
    const tokens = [made('HS256', payload), made('HS256', { ...payload, n: 2 })];
    expect(scan(tokens.join(' ')).map(({ offset }) => offset)).toEqual([0, tokens[0]!.length + 1]);
  });

  test.each([
    ['HS256', 43],
    ['HS384', 64],
    ['HS512', 86],
    ['RS256', 342],
    ['PS384', 512],
    ['ES256', 86],
    ['ES384', 128],
    ['ES512', 176],
    ['EdDSA', 86],
    ['Ed448', 152],
    ['none', 0],
  ])('tokens with %s without a separator are found separately', (alg, characters) => {
    const random = new SeededRandom(alg);
    const octets = Math.floor((characters * 3) / 4);
    // The second header has a nested object, whose base64 starts like a header.
    const tokens = [{}, { jwk: { kty: 'oct', inner: { a: [{}] } } }, {}].map(
      (more, n) =>
        `${part({ alg, ...more })}.${part({ ...payload, n })}.${random.bytes(octets).toString('base64url')}`,
    );
    const found = scan(`\0${tokens.join('')}\0`);
    expect(found.map(({ secret }) => Buffer.from(secret.reveal()).toString())).toEqual(tokens);
    expect(found.map(({ confidence, partial }) => [confidence, partial])).toEqual(
      tokens.map(() => [alg === 'none' ? 'low' : 'high', false]),
    );
  });

  test('a token ends with its signature if other text follows without a separator', () => {
    const token = made('HS256', payload);
    const found = only(`${token}AAAABBBB\0`);
    expect(found).toMatchObject({
      length: token.length,
      confidence: 'low',
      notes: ['its end is assumed: more base64url follows its signature directly'],
    });
    // The end is unknown with several signature sizes.
    expect(only(`${made('RS256', payload)}AAAABBBB\0`).length).toBeGreaterThan(342);
  });

  test.each(['constructor', '__proto__', 'toString'])('an algorithm named %s is unknown', (alg) => {
    const token = `${part({ alg, [alg]: 1 }).replace(/=/g, '')}.${part(payload)}.AAAA`;
    for (const { notes } of scan(token)) expect(notes).toEqual(['its algorithm is not a registered one']);
  });

  test('a flood of headers in one run is tried a bounded number of times', () => {
    const opening = part({ a: 1 }).slice(0, 6);
    expect(scan(`${opening.repeat(1300)}.${part(payload)}.AAAA\0`.repeat(20))).toEqual([]);
  });

  test('deep nesting and long claims are safe', () => {
    const deep = Buffer.from(`{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`).toString('base64url');
    expect(scan(`${part({ alg: 'HS256' })}.${deep}.${'A'.repeat(43)}`).length).toBeLessThanOrEqual(1);
    const found = only(made('HS256', { iss: 'i'.repeat(5000), aud: Array(100).fill('a'), exp: 'never' }));
    expect(found.claims).toEqual({ alg: 'HS256', aud: Array(16).fill('a') });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (a, b) => {
        scan(`${Buffer.from(a).toString('latin1')}.eyJ${Buffer.from(b).toString('latin1')}`);
        scan(`${part({ alg: 'RS256', a: [...a] })}.eyJ${Buffer.from(b).toString('base64url')}`);
      }),
    );
  });
});
