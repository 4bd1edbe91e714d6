import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { bitString, integer, octetString, oid, sequence, tagged } from '../../src/asn1/write.js';
import { isAuthority } from '../../src/asn1/x509.js';
import { finish } from '../../src/base/runtime/turns.js';
import { KeyJoiner } from '../../src/judge/joiner.js';
import { publicKeysOf } from '../../src/scanner/identities.js';
import { targetOfKey } from '../../src/search/core/skipped-work.js';
import { spkiOf } from '../search/harness.js';
import { rsaFrom } from '../search/seeded.js';

const roots = rootCertificates.map((pem) => ({
  spki: new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }),
}));
const own = { spki: Buffer.from(spkiOf(rsaFrom('own', 1024)), 'base64') };

/** A certificate (RFC 5280, 4.1) with these names and extensions, and without a valid signature. */
function certificate(issuer: string, subject: string, extensions: readonly Uint8Array[] = []): Uint8Array {
  const name = (text: string) => sequence(octetString(Buffer.from(text)));
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const fields = [integer(Buffer.of(7)), algorithm, name(issuer), sequence(), name(subject), own.spki];
  const more = extensions.length > 0 ? [tagged(3, sequence(...extensions))] : [];
  return sequence(sequence(...fields, ...more), algorithm, bitString(Buffer.alloc(8, 7)));
}

/** basicConstraints (RFC 5280, 4.2.1.9), critical. */
const constraints = (...value: Uint8Array[]) =>
  sequence(oid('551d13'), Buffer.of(1, 1, 0xff), octetString(sequence(...value)));
const IS_CA = Buffer.of(1, 1, 0xff);

describe('certificates of authorities', () => {
  test.each([
    ['cA true', certificate('root', 'intermediate', [constraints(IS_CA)]), true],
    [
      'cA true, with a path length',
      certificate('root', 'ca', [constraints(IS_CA, integer(Buffer.of(0)))]),
      true,
    ],
    ['no basicConstraints, its own issuer', certificate('root', 'root'), true],
    ['no basicConstraints', certificate('root', 'server'), false],
    ['cA absent', certificate('root', 'server', [constraints()]), false],
  ])('%s', (_, der, expected) => {
    expect(isAuthority(der)).toBe(expected);
  });

  test('make their keys those of authorities, unless the keys are elsewhere too', () => {
    const shown = (form: 'certificate' | 'spki', offset: number, der?: Uint8Array) => {
      const place = { offset, length: own.spki.length, spki: own.spki };
      return { type: 'public', form, ...place, ...(der ? { certificate: der } : {}) } as const;
    };
    const ca = certificate('root', 'root');
    const server = certificate('root', 'server');
    const keysOf = (...records: ReturnType<typeof shown>[]) => {
      const joiner = new KeyJoiner();
      for (const record of records) joiner.addPublic(record);
      return [...joiner.publicKeys()].map((key) => [key.isAuthority, ...key.places]);
    };
    expect(keysOf(shown('certificate', 64, ca))).toEqual([[true, 64]]);
    // The SubjectPublicKeyInfo of the certificate.
    expect(keysOf(shown('certificate', 64, ca), shown('spki', 80))).toEqual([[true, 64, 80]]);
    expect(keysOf(shown('certificate', 64, ca), shown('spki', 4096))).toEqual([[false, 64, 4096]]);
    expect(keysOf(shown('certificate', 64, ca), shown('certificate', 4096, server))).toEqual([
      [false, 64, 4096],
    ]);
    expect(targetOfKey({ isAuthority: true })).toBe('blind');
    expect(targetOfKey({ isAuthority: true, isTarget: true })).toBe('asked');
    expect(targetOfKey({})).toBe('written');
  });
});

describe('public keys that an artifact shows', () => {
  test('are marked if they are public roots: those of Node, but for some newer than the list', () => {
    const marked = finish(publicKeysOf(roots, [], 'normal')).filter(({ isPublicRoot }) => isPublicRoot);
    expect(marked.length).toBeGreaterThan(roots.length * 0.9);
  });

  test('are not marked if they are not public roots', () => {
    expect(finish(publicKeysOf([own], [], 'normal'))).toEqual([own]);
  });

  test('are not marked with --deep', () => {
    expect(finish(publicKeysOf(roots, [], 'deep'))).toEqual(roots);
  });

  test('are not marked if they are targets', () => {
    const [first, second] = finish(publicKeysOf([], roots.slice(0, 2), 'normal'));
    const asked = { ...first!, isTarget: true };
    expect(finish(publicKeysOf([first!, second!], [asked], 'normal'))).toEqual([
      first,
      { ...second, isPublicRoot: true },
      asked,
    ]);
  });
});
