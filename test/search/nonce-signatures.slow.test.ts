import { createHash, createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { inverse } from '../../src/core/base/bytes/integers.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS, Memory } from './memory.js';
import { ecFrom } from './seeded.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};
const domainOf = (name: string) => DOMAINS.find((domain) => domain.name === name)!;
const ecOf = (name: string, seed: string) => ecFrom(seed, name, OPENSSL[name] ?? name, domainOf(name).size);
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const fill = (value: bigint, size: number) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

/** ECDSA with a known nonce (SEC 1, 4.1.3). */
function sign(name: string, seed: string, digest: Buffer, low = false) {
  const { n, size } = domainOf(name);
  const signer = ecOf(name, `signer ${seed}`);
  const nonce = ecOf(name, `nonce ${seed}`);
  const r = number(nonce.x) % n;
  const h = number(digest.subarray(0, size));
  let s = (inverse(number(nonce.d), n)! * (h + r * number(signer.d))) % n;
  if (low && s > n / 2n) s = n - s;
  return { signer, nonce, r: fill(r, size), s: fill(s, size) };
}

function integer(value: Buffer): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const bytes =
    value[start]! >= 0x80 ? Buffer.concat([Buffer.of(0), value.subarray(start)]) : value.subarray(start);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

const FORMS: Readonly<Record<string, (r: Buffer, s: Buffer) => Buffer>> = {
  DER(r, s) {
    const body = Buffer.concat([Buffer.of(2), integer(r), Buffer.of(2), integer(s)]);
    return Buffer.concat([Buffer.of(0x30, ...(body.length > 127 ? [0x81] : []), body.length), body]);
  },
  raw: (r, s) => Buffer.concat([r, s]),
  SSH: (r, s) => Buffer.concat([r, s].flatMap((each) => [Buffer.alloc(3), integer(each)])),
};

const heap = (seed: string, chunks: readonly Buffer[]) => heapOf(seed, chunks, 3);

/** For each key found, if it may be a nonce. */
const doubts = (seed: string, chunks: readonly Buffer[]) =>
  searchBytes(heap(seed, chunks)).candidates.map(({ doubt }) => doubt !== undefined);

const words = (value: Buffer) =>
  LAYOUTS['limbs-le']!(Buffer.concat([Buffer.alloc((8 - (value.length % 8)) % 8), value]));
const point = ({ x, y }: { x: Buffer; y: Buffer }) => Buffer.concat([Buffer.of(4), x, y]);

describe.each(Object.keys(FORMS))('a nonce with its signature in %s', (form) => {
  test.each([
    ['P-256', 'sha256', 32],
    ['secp256k1', 'sha256', 32],
    ['brainpoolP256r1', 'sha256', 32],
    ['P-384', 'sha384', 48],
    ['brainpoolP384r1', 'sha384', 48],
    ['brainpoolP512r1', 'sha512', 64],
    // A digest shorter than the order; with P-521, SSH and TLS have no other.
    ['P-521', 'sha512', 66],
    ['P-384', 'sha256', 48],
  ])('and its digest gives the key of %s', (name, hash) => {
    const digest = createHash(hash).update(form).digest();
    const { signer, nonce, r, s } = sign(name, `${form} ${name}`, digest, name === 'secp256k1');
    const chunks = [words(nonce.d), FORMS[form]!(r, s), digest, point(signer)];
    const found = searchBytes(heap(`${form} ${name}`, chunks));
    expect(describeAll(found).map(({ spki, encoding }) => [spki, encoding])).toEqual([
      [spkiOf(signer.key), 'limbs-le'],
    ]);
    const [candidate] = found.candidates;
    expect(candidate!.component).toBe('ecdsa-nonce');
    expect(candidate!.evidence.join()).toMatch(/nonce of the signature at 0x[0-9a-f]+,its digest is at 0x/);
    expect(found.limits).toEqual([]);
  });

  test('may be no key, though its own point is in memory', () => {
    const { nonce, r, s } = sign('P-256', form, createHash('sha256').update('elsewhere').digest());
    const chunks = [words(nonce.d), words(nonce.x), words(nonce.y)];
    expect(doubts('alone', chunks)).toEqual([false]);
    // Anyone who knows the public key of a key can write this beside it.
    expect(doubts('signed', [...chunks, FORMS[form]!(r, s)])).toEqual([true]);
    // If its point is written as a public key it is a key, whatever it signed.
    expect(doubts('written', [...chunks, FORMS[form]!(r, s), point(nonce)])).toEqual([false]);
  });
});

describe('a nonce whose signature is a text of its own, as before a token is assembled', () => {
  const text = (...octets: Buffer[]) => Buffer.from(`${Buffer.concat(octets).toString('base64url')}\0`);

  test.each(['P-256', 'secp256k1'])('may be no key of %s', (name) => {
    const { nonce, r, s } = sign(name, 'text', createHash('sha256').update('elsewhere').digest());
    const chunks = [words(nonce.d), words(nonce.x), words(nonce.y)];
    expect(doubts('alone', chunks)).toEqual([false]);
    expect(doubts('text', [...chunks, text(r, s)])).toEqual([true]);
    // A public key x || y is not a signature.
    expect(doubts('point', [...chunks, text(nonce.x, nonce.y)])).toEqual([false]);
  });

  test('yields the key with its digest', () => {
    const digest = createHash('sha256').update('text').digest();
    const { signer, nonce, r, s } = sign('P-256', 'text and digest', digest);
    const found = searchBytes(heap('digest', [words(nonce.d), text(r, s), digest, point(signer)]));
    expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(signer.key)]);
    expect(found.candidates[0]!.component).toBe('ecdsa-nonce');
  });
});

test('a nonce is tried with written public keys before those of a table, up to the budget', () => {
  const digest = createHash('sha256').update('table').digest();
  const { signer, nonce, r, s } = sign('P-256', 'table', digest);
  const memory = new Memory();
  for (let i = 0; i < 40; i++) {
    const { x, y } = ecOf('P-256', `table ${i}`);
    memory.chunk(words(x));
    memory.chunk(words(y));
  }
  for (const chunk of [words(nonce.d), FORMS.DER!(r, s), digest]) memory.chunk(chunk);
  const spki = createPublicKey(signer.key).export({ format: 'der', type: 'spki' });
  const found = searchBytes(memory.bytes(), { publicKeys: [{ spki }] });
  expect(describeAll(found).map((each) => each.spki)).toEqual([spkiOf(signer.key)]);
  const limit = found.limits.find(({ search }) => search === 'ecdsa-nonces');
  // 5,000 pairs; a table costs 150.
  expect(limit).toMatchObject({ target: 'blind', left: 8 });
});

describe('a nonce of a token', () => {
  test.each([
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
    ['secp256k1', 'sha256'],
  ])('gives the key of %s: the token says what was signed', (name, hash) => {
    const signed = Buffer.from(`header.payload of ${name}`);
    const { signer, nonce, r, s } = sign(name, `token ${name}`, createHash(hash).update(signed).digest());
    const spki = createPublicKey(signer.key).export({ format: 'der', type: 'spki' });
    const curve = OPENSSL[name] ?? name;
    const token = { offset: 64, curve, hash, signed, signature: Buffer.concat([r, s]) };
    const dump = heap(`token ${name}`, [words(nonce.d)]);
    const found = searchBytes(dump, { publicKeys: [{ spki }], curveTokens: [token] });
    expect(describeAll(found).map((each) => each.spki)).toEqual([spkiOf(signer.key)]);
    expect(found.candidates[0]!.evidence).toEqual(['the number here is the nonce of the JWT at 0x40']);
    // No report for a signer whose public key is missing.
    expect(searchBytes(dump, { curveTokens: [token] }).candidates).toEqual([]);
  });
});

test('a forged signature, digest or public key proves nothing', () => {
  const digest = createHash('sha256').update('forged').digest();
  const { signer, nonce, r, s } = sign('P-256', 'forged', digest);
  const good = { nonce: words(nonce.d), r, s, digest, point: point(signer) };
  fc.assert(
    fc.property(
      fc.constantFrom('nonce', 'r', 's', 'digest', 'point' as const),
      fc.nat({ max: 255 }),
      (part, bit) => {
        const parts = { ...good, [part]: Buffer.from(good[part as keyof typeof good]) };
        parts[part as keyof typeof good][(bit >> 3) + (part === 'point' ? 1 : 0)]! ^= 1 << (bit & 7);
        const signature = FORMS.DER!(parts.r, parts.s);
        const found = searchBytes(heap('forged', [parts.nonce, signature, parts.digest, parts.point]));
        expect(found.candidates).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
});

test('raw x || y is a public key and not a signature', () => {
  const { key, d, x, y } = ecOf('P-256', 'pair');
  const dump = heap('pair', [words(d), words(x), words(y), Buffer.concat([x, y])]);
  expect(describeAll(searchBytes(dump)).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
});
