import { createECDH, createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS } from './memory.js';
import { ecFrom } from './seeded.js';

const OPENSSL: Readonly<Record<string, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' };
const domainOf = (name: string) => DOMAINS.find((domain) => domain.name === name)!;
const ecOf = (name: string, seed: string) => ecFrom(seed, name, OPENSSL[name] ?? name, domainOf(name).size);
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const fill = (value: bigint, size: number) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

type Numbers = Readonly<Record<'k' | 'x' | 'y' | 'd' | 'X' | 'Y' | 'r' | 's' | 'h', Buffer>>;

/** A nonce k with its point, a key d with its point, and a signature by them over the digest h. */
function signed(name: string, seed: string): Numbers & { key: string; nonce: string } {
  const { n, size } = domainOf(name);
  const [signer, nonce] = [ecOf(name, `key ${seed}`), ecOf(name, `nonce ${seed}`)];
  const h = createHash(size === 48 ? 'sha384' : 'sha256')
    .update(seed)
    .digest();
  const r = number(nonce.x) % n;
  const s = (inverse(number(nonce.d), n)! * (number(h) + r * number(signer.d))) % n;
  return {
    ...{ k: nonce.d, x: nonce.x, y: nonce.y, d: signer.d, X: signer.x, Y: signer.y },
    ...{ r: fill(r, size), s: fill(s, size), h },
    ...{ key: spkiOf(signer.key), nonce: spkiOf(nonce.key) },
  };
}

/** The keys found among numbers in memory: their public halves, with `?` if they may be nonces. */
function found(seed: string, encoding: string, numbers: readonly Buffer[], octets: readonly Buffer[] = []) {
  const layout = LAYOUTS[encoding]!;
  const all = searchBytes(heapOf(seed, [...numbers.map((each) => layout(each)), ...octets], 3));
  return describeAll(all).map(({ spki }, i) => `${all.candidates[i]!.doubt === undefined ? '' : '?'}${spki}`);
}

const ENCODINGS = ['limbs-le', 'bytes-be', 'digits30-le32', 'v8-smi26', 'v8-smi28', 'int32-msw'].filter(
  (encoding) => encoding in LAYOUTS,
);

describe.each(ENCODINGS)('numbers in %s', (encoding) => {
  test.each(['P-256', 'secp256k1', 'P-384'])('of %s: a nonce is no key, if its digest is there', (name) => {
    const { k, x, y, d, X, Y, s, h, key, nonce } = signed(name, encoding);
    const both = [k, x, y, d, X, Y];
    expect(found(encoding, encoding, both).sort()).toEqual([key, nonce].sort());
    expect(found(encoding, encoding, [...both, s, h])).toEqual([key]);
    expect(found(encoding, encoding, [...both, s], [h])).toEqual([key]);
    // The signer is not taken for the nonce, in any order.
    expect(found(encoding, encoding, [h, s, Y, X, d, y, x, k])).toEqual([key]);
  });

  test('a number with its inverse beside another key may be a nonce', () => {
    const { k, x, y, d, X, Y, key, nonce } = signed('secp256k1', `${encoding} inverse`);
    const reciprocal = fill(inverse(number(k), domainOf('secp256k1').n)!, 32);
    expect(found(encoding, encoding, [k, x, y, d, X, Y, reciprocal]).sort()).toEqual(
      [key, `?${nonce}`].sort(),
    );
    expect(found(encoding, encoding, [k, x, y, reciprocal])).toEqual([nonce]);
  });
});

test('with a key that has signed, an unexplained scalar of its curve may be a nonce', () => {
  const one = signed('P-256', 'one');
  const other = ecOf('P-256', 'other');
  const elsewhere = ecOf('secp256k1', 'elsewhere');
  const numbers = [one.k, one.x, one.y, one.d, one.X, one.Y, one.s, one.h];
  const bare = [other.d, other.x, other.y, elsewhere.d, elsewhere.x, elsewhere.y];
  expect(found('signer', 'limbs-le', [...numbers, ...bare]).sort()).toEqual(
    [one.key, `?${spkiOf(other.key)}`, spkiOf(elsewhere.key)].sort(),
  );
  const written = Buffer.concat([Buffer.of(4), other.x, other.y]);
  expect(found('signer', 'limbs-le', [...numbers, ...bare], [written])).toContain(spkiOf(other.key));
});

describe('a scalar with points on two curves', () => {
  const one = ecOf('secp256k1', 'two curves');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(one.d);
  const point = ecdh.getPublicKey();
  const numbers = [one.d, one.x, one.y, point.subarray(1, 33), point.subarray(33)];
  const written = Buffer.concat([Buffer.of(4), one.x, one.y]);

  test('is two keys, as bare numbers or if both are written', () => {
    expect(found('bare', 'limbs-le', numbers)).toHaveLength(2);
    expect(found('both', 'limbs-le', numbers, [written, point])).toHaveLength(2);
  });

  test('is the key whose public half is written', () => {
    expect(found('one', 'limbs-le', numbers, [written])).toEqual([spkiOf(one.key)]);
    expect(found('other', 'limbs-le', numbers, [point])).not.toContain(spkiOf(one.key));
  });
});

describe('who knows the public key of a key only', () => {
  const { n } = domainOf('P-256');
  const victim = ecOf('P-256', 'victim');
  const own = [victim.d, victim.x, victim.y];
  const spki = spkiOf(victim.key);
  const der = (...halves: Buffer[]) =>
    Buffer.concat([
      Buffer.of(
        0x30,
        halves.reduce((sum, { length }) => sum + 2 + length, 0),
      ),
      ...halves.flatMap((half) => [Buffer.of(2, half.length), half]),
    ]);
  const positive = (value: Buffer) => (value[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);

  test('does not hide it behind a signature with its x as r', () => {
    const s = ecOf('P-256', 'any s').d;
    expect(found('forged', 'limbs-le', own, [der(positive(victim.x), positive(s))])).toEqual([`?${spki}`]);
  });

  test.each([0n, n])('does not hide it behind a key d, h = -r d and s = %d', (s) => {
    const { d, x, y, key } = { ...ecOf('P-256', 'planted'), key: spkiOf(ecOf('P-256', 'planted').key) };
    const h = n - ((number(victim.x) * number(d)) % n);
    const numbers = [...own, d, x, y, fill(s, 32), fill(h, 32)];
    expect(found('planted', 'limbs-le', numbers).sort()).toEqual([key, spki].sort());
  });

  test('does not hide it behind a key of the forger that follows from it', () => {
    // Q = (s K - h G) / r is a key whose signature (r, s) over h has the nonce k.
    const [s, h] = [number(ecOf('P-256', 'forged s').d), number(ecOf('P-256', 'forged h').d)];
    const d = ((s * number(victim.d) - h + n) * inverse(number(victim.x), n)!) % n;
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(fill(((d % n) + n) % n, 32));
    const signature = der(positive(victim.x), positive(fill(s, 32)));
    const planted = [signature, fill(h, 32), ecdh.getPublicKey()];
    expect(found('existential', 'limbs-le', own, planted)).toContain(`?${spki}`);
  });

  test.each(['s = r', 's = n - r'])('does not hide a child key behind its parent with %s', (how) => {
    const parent = ecOf('P-256', 'parent');
    const tweak = ecOf('P-256', 'tweak');
    const k = fill((number(parent.d) + number(tweak.d)) % n, 32);
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(k);
    const [x, y] = [ecdh.getPublicKey().subarray(1, 33), ecdh.getPublicKey().subarray(33)];
    const r = number(x);
    const numbers = [k, x, y, parent.d, parent.x, parent.y];
    const planted = [fill(how === 's = r' ? r : n - r, 32), fill((r * number(tweak.d)) % n, 32)];
    expect(found(how, 'limbs-le', [...numbers, ...planted])).toHaveLength(2);
  });
});
