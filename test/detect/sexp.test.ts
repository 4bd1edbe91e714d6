import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readList, readTagged } from '../../src/detect/binary/sexp.js';
import { prove } from '../../src/prove/prove.js';
import fc from '../support/property.js';
import { candidates, detect, planted } from './harness.js';
import { jwkOf, rsa } from './keys.js';
import { advanced, canonical, inTokens, type Parts, rsaParts } from './sexp-forms.js';

const found = (bytes: Uint8Array) => candidates(detect(bytes, ['sexp']));
const text = (value: string) => Buffer.from(value);

function ecParts(namedCurve: string, name: string): Parts {
  const { d, x, y } = jwkOf(generateKeyPairSync('ec', { namedCurve }).privateKey) as Record<
    'd' | 'x' | 'y',
    string
  >;
  const [scalar, ...point] = [d, x, y].map((part) => Buffer.from(part, 'base64url')) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return ['ecc', ['curve', text(name)], ['q', Buffer.concat([Buffer.of(4), ...point])], ['d', scalar]];
}

function okpParts(
  type: 'ed25519' | 'x25519',
  curve: string,
  flags: string,
  order: (d: Buffer) => Buffer,
): Parts {
  const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  const { d, x } = jwkOf(privateKey) as Record<'d' | 'x', string>;
  const q = Buffer.concat([Buffer.of(0x40), Buffer.from(x, 'base64url')]);
  const pairs: [string, Buffer][] = [
    ['curve', text(curve)],
    ['flags', text(flags)],
    ['q', q],
    ['d', order(Buffer.from(d, 'base64url'))],
  ];
  return ['ecc', ...pairs];
}

const KEYS: Readonly<Record<string, Parts>> = {
  RSA: rsaParts(rsa),
  'P-256': ecParts('prime256v1', 'NIST P-256'),
  'P-384': ecParts('secp384r1', 'nistp384'),
  Ed25519: okpParts('ed25519', 'Ed25519', 'eddsa', (d) => d),
  X25519: okpParts('x25519', 'Curve25519', 'djb-tweak', (d) => Buffer.from(d).reverse()),
};

describe.each(Object.keys(KEYS))('%s', (name) => {
  test.each([
    ['canonical', canonical, 0],
    ['advanced', advanced, 5],
    ['token', inTokens, 0],
  ] as const)('is read in %s form and proven', (_form, write, lead) => {
    const bytes = write(KEYS[name]!);
    const [candidate, ...more] = found(planted(bytes, 7));
    expect(more).toEqual([]);
    expect(candidate).toMatchObject({ offset: 7 + lead, encoding: 'sexp', partial: false });
    expect(prove(candidate!.material!).status).toBe('proven');
    for (let cut = 1; cut < bytes.length; cut += 37) expect(found(bytes.subarray(0, -cut - 1))).toEqual([]);
  });

  test('is refuted with a bit of its private component changed', () => {
    const bytes = canonical(KEYS[name]!);
    const private_ = KEYS[name]!.slice(1).find((pair) => pair[0] === 'd')![1] as Buffer;
    const at = bytes.lastIndexOf(private_) + 5;
    bytes[at]! ^= 0x10;
    expect(found(bytes).map(({ material }) => prove(material!).status)).toEqual(['contradicted']);
  });
});

test('a protected key is encrypted', () => {
  const [algorithm, n, e] = KEYS.RSA as [string, [string, Buffer], [string, Buffer]];
  const hex = (value: Buffer) => value.toString('hex');
  const open = `(protected-private-key (${algorithm} (n #${hex(n[1])}#)(e #${hex(e[1])}#)`;
  const parameters = '((sha1 #0123456789abcdef# "43212800") #00112233445566778899aabb#)';
  const sealed = `(protected openpgp-s2k3-ocb-aes ${parameters} #${'5a'.repeat(64)}#)`;
  const [candidate] = found(Buffer.from(`${open}${sealed}(protected-at "20260101T000000")))`));
  expect(candidate).toMatchObject({ kind: 'encrypted-key', severity: 'medium' });
  expect(candidate!.material).toBeUndefined();
});

test('format strings, templates and deep nesting are not found, in linear time', () => {
  for (const each of [
    '(private-key(rsa(n%m)(e%m)(d%m)))',
    '(private-key)',
    `${'('.repeat(50_000)}private-key`,
  ])
    expect(found(Buffer.from(each))).toEqual([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const read = readList(Buffer.concat([text('(private-key'), bytes]), 0);
      if (read) expect(read.end).toBeLessThanOrEqual(bytes.length + 12);
      const opened = Buffer.concat([Buffer.of(3), bytes.map((byte) => byte & 7)]);
      expect(readTagged(opened, 0)?.end ?? 0).toBeLessThanOrEqual(opened.length);
    }),
  );
});
