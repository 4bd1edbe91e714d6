import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { PUBLISHED_EC } from '../../fixtures/published/ec.js';
import { PUBLISHED_OKP } from '../../fixtures/published/okp.js';
import { PUBLISHED_RSA } from '../../fixtures/published/rsa.js';
import { inverse, toBigint, toBytes } from '../../src/core/base/bytes/integers.js';
import { ENCODINGS } from '../../src/core/encodings/encodings.js';
import { findingsIn } from './memory-findings.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const base64url = (value: bigint): string => Buffer.from(toBytes(value)).toString('base64url');

function rsaOf({ n, p }: { n: string; p: string }): JsonWebKey {
  const [modulus, first] = [toBigint(bytes(n)), toBigint(bytes(p))];
  const [q, e] = [modulus / first, 65_537n];
  const d = inverse(e, (first - 1n) * (q - 1n))!;
  const rest = { d, p: first, q, dp: d % (first - 1n), dq: d % (q - 1n), qi: inverse(q, first)! };
  const numbers = Object.entries({ n: modulus, e, ...rest }).map(([name, value]) => [name, base64url(value)]);
  return { kty: 'RSA', ...Object.fromEntries(numbers) };
}

type Published = [source: string, jwk: JsonWebKey];
/** One key of each kind of source, and of each kind of key. */
const KEYS: Published[] = [
  ...PUBLISHED_RSA.filter(({ source }) => /RFC 7515|RFC 7517|RFC 9500.*1024/.test(source)).map(
    ({ source, ...key }): Published => [source, rsaOf(key)],
  ),
  ...PUBLISHED_EC.filter(({ curve }) => /^P-(256|384|521)$/.test(curve)).map(
    ({ source, curve, ...key }): Published => [source, { kty: 'EC', crv: curve, ...key }],
  ),
  ...PUBLISHED_OKP.filter(({ curve }) => curve === 'Ed25519').map(
    ({ source, curve, seed, public: x }): Published => [source, { kty: 'OKP', crv: curve, d: seed, x }],
  ),
];

const keyOf = (jwk: JsonWebKey): KeyObject => createPrivateKey({ key: jwk, format: 'jwk' });

/** The numbers that prove the key, in the order of memory. */
function numbersOf(jwk: JsonWebKey, write: (value: Buffer) => Buffer): Buffer[] {
  const number = (text: string | undefined): Buffer => write(bytes(text!));
  if (jwk.kty === 'RSA') return [number(jwk.n), number(jwk.p), number(jwk.q)];
  if (jwk.kty === 'OKP') return [bytes(jwk.d!), bytes(jwk.x!)];
  return [number(jwk.d), Buffer.concat([Buffer.of(4), bytes(jwk.x!), bytes(jwk.y!)])];
}

/** Writes an integer in an encoding of memory. */
const writer = (name: string) => {
  const { encode } = ENCODINGS.find((each) => each.name === name)!;
  return (big: Buffer): Buffer =>
    Buffer.from(encode(Buffer.concat([Buffer.alloc(-big.length & 7), big]))[0]!.bytes);
};

const FORMS: Readonly<Record<string, (jwk: JsonWebKey) => Buffer[]>> = {
  PEM: (jwk) => [Buffer.from(keyOf(jwk).export({ type: 'pkcs8', format: 'pem' }))],
  DER: (jwk) => [keyOf(jwk).export({ type: 'pkcs8', format: 'der' })],
  JWK: (jwk) => [Buffer.from(JSON.stringify(jwk))],
  'JWK of a key set, in UTF-16': (jwk) => [Buffer.from(JSON.stringify({ keys: [jwk] }), 'utf16le')],
  'numbers, little-endian words': (jwk) => numbersOf(jwk, writer('limbs-le')),
  'numbers, big-endian bytes': (jwk) => numbersOf(jwk, (value) => value),
};

/** A key of the same kind that was published nowhere. */
const OTHERS: Readonly<Record<string, JsonWebKey>> = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  OKP: generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
};

const keysIn = async (chunks: readonly Buffer[]) =>
  (await findingsIn(chunks)).filter(({ kind }) => kind === 'private-key');

/** Bytes that count are not random enough to be found as numbers. */
const isNumberAlone = (form: string, source: string): boolean =>
  form.startsWith('numbers') && source.includes('the bytes 1 to 32');

const CASES = Object.keys(FORMS).flatMap((form) =>
  KEYS.filter(([source]) => !isNumberAlone(form, source)).map(
    ([source, jwk]) => [form, source, jwk] as const,
  ),
);

describe('a published key does not count, and one beside it does', () => {
  test.each(CASES)('%s: %s', async (form, source, jwk) => {
    const other = OTHERS[jwk.kty!]!;
    const found = await keysIn([...FORMS[form]!(jwk), ...FORMS[form]!(other)]);
    const states = found.map(({ counts, reason, severity, notes }) => ({ counts, reason, severity, notes }));
    expect(states).toHaveLength(2);
    expect(states).toContainEqual({
      counts: false,
      reason: 'published-test-key',
      severity: 'info',
      notes: expect.arrayContaining([`published test key: ${source}`]),
    });
    expect(states.filter(({ counts }) => counts)).toMatchObject([{ severity: 'critical' }]);
  });
});
