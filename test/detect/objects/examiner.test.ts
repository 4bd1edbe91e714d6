import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { ObjectExaminer } from '../../../src/detect/objects/examiner.js';
import type { HeldObject } from '../../../src/formats/memory/types.js';
import { prove } from '../../../src/prove/prove.js';
import { loadBuiltin } from '../../../src/rules/builtin.js';

const rules = loadBuiltin();
const random = new SeededRandom('objects');
const SECRET = Buffer.from(random.bytes(32));

type Value = Buffer | string | undefined;
type Fields = Readonly<Record<string, Value>>;

/** The candidates of an object; octets as bytes, texts as Latin-1. */
function examined(className: string, fields: Fields, holders = ['p.Holder']): SecretCandidate[] {
  const memory: Buffer[] = [Buffer.alloc(16)];
  let at = 16;
  const valueAt = (field: string): HeldObject['values'][number] => {
    const value = fields[field];
    if (value === undefined) return undefined;
    const bytes = Buffer.from(value as string, 'latin1');
    memory.push(bytes);
    at += bytes.length;
    const extent = { offset: at - bytes.length, length: bytes.length };
    return { value: extent, form: typeof value === 'string' ? 'latin1' : 'bytes' };
  };
  const { queries } = new ObjectExaminer(rules, bufferReader(Buffer.alloc(0)));
  const query = queries.findIndex((each) => each.className === className);
  const values = queries[query]!.paths.map(valueAt);
  const examiner = new ObjectExaminer(rules, bufferReader(Buffer.concat(memory)));
  return [...examiner.examine({ query, className, values, holders })];
}

const fromHex = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const SPEC = 'javax.crypto.spec.SecretKeySpec';
const EC = 'sun.security.ec.ECPrivateKeyImpl';
/** Order of P-256 (SEC 2, 2.4.2), with the sign octet that no BigInteger has but DER. */
/** Halves that are computed: the point of RFC 8032, 7.1, and x of RFC 6979, A.2.5. */
const OF_ED25519 = ['d75a980182b10ab7d54bfed3c964073a', '0ee172f3daa62325af021a68f707511a'].join('');
const OF_P256 = ['60fed4ba255a9d31c961eb74c6356d68', 'c049b8923b61fa6ce669622e60f29fb6'].join('');

/** The scalar of RFC 6979, A.2.5. In parts: this file is scanned too. */
const SCALAR = ['c9afa9d845ba75166b5c215767b1d693', '4e50c3db36e89b127b8a622b120f6721'].join('');
const P256 = fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

describe('a SecretKeySpec by its algorithm', () => {
  test.each<[algorithm: Value, rule: string, confidence: string]>([
    ['HmacSHA256', 'signing-key-object', 'high'],
    ['HmacSHA512', 'signing-key-object', 'high'],
    ['HS256', 'signing-key-object', 'high'],
    ['AES', 'cipher-key-object', 'low'],
    ['TlsMasterSecret', 'cipher-key-object', 'low'],
    ['HKDF-Salt', 'cipher-key-object', 'low'],
    ['XHmacSHA256', 'cipher-key-object', 'low'],
    [undefined, 'cipher-key-object', 'low'],
  ])('%s: %s, %s', (algorithm, rule, confidence) => {
    const [found, ...others] = examined(SPEC, { key: SECRET, algorithm });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ rule: { id: rule }, confidence });
    expect(found!.secret.reveal()).toEqual(SECRET);
    expect(found!.owner).toEqual({ kind: 'field', name: 'key', of: SPEC });
  });

  test('one that nothing refers to is low: HKDF leaves such ones behind', () => {
    const [found] = examined(SPEC, { key: SECRET, algorithm: 'HmacSHA384' }, []);
    expect(found).toMatchObject({ rule: { id: 'signing-key-object' }, confidence: 'low', isSecret: true });
  });

  test.each<[string, Buffer]>([
    ['wiped', Buffer.alloc(32)],
    ['filled', Buffer.alloc(32, 0xcc)],
    ['short', SECRET.subarray(0, 7)],
    ['too long', Buffer.from(random.bytes(2049))],
  ])('a key that is %s is none', (_, key) => {
    expect(examined(SPEC, { key, algorithm: 'HmacSHA256' })).toEqual([]);
  });

  test('an algorithm with odd characters is not printed', () => {
    const [found] = examined(SPEC, { key: SECRET, algorithm: 'Hmac\x1b[31m' });
    expect(found!.evidence).toEqual([`field key of ${SPEC}`]);
  });
});

describe('the public half is computed', () => {
  /** RFC 8032, 7.1, tests 1 of Ed25519 and Ed448; RFC 7748, 6.1; RFC 6979, A.2.5 (P-256, with x of Q). */
  test.each<[string, Fields, title: string, publicPart: string]>([
    [
      'sun.security.ec.ed.EdDSAPrivateKeyImpl',
      { h: fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60') },
      'Ed25519 private key',
      OF_ED25519,
    ],
    [
      'org.bouncycastle.crypto.params.X25519PrivateKeyParameters',
      {
        data: fromHex('77076d0a7318a57d3c16c17251b26645df4c2f92ebc099c22a5e5d1a5d2c1f5c'.replace(/.$/, 'c')),
      },
      'X25519 private key',
      '',
    ],
    [
      EC,
      {
        s: fromHex(SCALAR),
        'params.n': P256,
      },
      'EC P-256 private key',
      OF_P256,
    ],
    [
      EC,
      {
        arrayS: fromHex(SCALAR).reverse(),
        'params.n': P256,
      },
      'EC P-256 private key',
      OF_P256,
    ],
  ])('of %s', (className, fields, title, publicPart) => {
    const [found, ...others] = examined(className, fields);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ title, confidence: 'high' });
    const proof = prove(found!.material!);
    // A public half that was only computed proves nothing.
    expect(proof.status).toBe('unproven');
    const spki = proof.status === 'unproven' ? Buffer.from(proof.facts?.spki ?? '', 'base64') : undefined;
    expect(spki!.toString('hex')).toContain(publicPart);
  });

  test('not of an unknown curve, and the scalar is found all the same', () => {
    const [found] = examined(EC, { s: SECRET, 'params.n': Buffer.from(random.bytes(32)) });
    expect(found).toMatchObject({ rule: { id: 'private-key-object' }, confidence: 'high' });
    expect(found!.material).toBeUndefined();
  });

  test('not of a seed of another length', () => {
    const [found] = examined('sun.security.ec.ed.EdDSAPrivateKeyImpl', { h: SECRET.subarray(1) });
    expect(found!.material).toBeUndefined();
  });
});

test.each<[holder: string, isEphemeral: boolean]>([
  ['sun.security.ssl.ECDHKeyExchange$ECDHEPossession', true],
  ['sun.security.ssl.XDHKeyExchange$XDHEPossession', true],
  ['sun.security.ssl.X509Authentication$X509Possession', false],
  ['sun.security.ssl.SunX509KeyManagerImpl$X509Credentials', false],
])('a key that an object of %s holds: ephemeral %s', (holder, isEphemeral) => {
  const [found] = examined(EC, { s: SECRET, 'params.n': P256 }, ['java.security.KeyPair', holder]);
  expect(found!.ofHandshake === true).toBe(isEphemeral);
});

describe('passwords', () => {
  const PROTECTION = 'java.security.KeyStore$PasswordProtection';

  test.each<[password: string, confidence: string | undefined]>([
    ['kR8-vQ2.mX5', 'medium'],
    ['changeit', 'low'],
    ['abc', undefined],
    ['', undefined],
    ['a\0b\0c\0d', undefined],
  ])('%j: %s', (password, confidence) => {
    const [found] = examined(PROTECTION, { password });
    expect(found?.confidence).toBe(confidence);
    if (found) expect(found.secret.reveal()).toEqual(Buffer.from(password));
  });
});

test('all rows are of classes and fields that a format can read', () => {
  const { queries } = new ObjectExaminer(rules, bufferReader(Buffer.alloc(0)));
  expect(queries.length).toBeGreaterThan(25);
  expect(new Set(queries.map(({ className }) => className)).size).toBe(queries.length);
  for (const { paths } of queries) expect(new Set(paths).size).toBe(paths.length);
});
