import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { bitString, integer, octetString, oid, sequence, tagged } from '../../src/core/asn1/write.js';
import { isAuthority } from '../../src/core/asn1/x509.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { KeyJoiner, type ShownKey } from '../../src/prove/judge/joiner.js';
import { kindOfIdentity, publicKeysOf, type Surroundings } from '../../src/scan/identities.js';
import { targetOfKey } from '../../src/search/core/skipped-work.js';
import type { SearchedPublicKey } from '../../src/search/core/types.js';
import { spkiOf } from '../search/harness.js';
import { rsaFrom } from '../search/seeded.js';

const place = (offset: number, more: Partial<ShownKey['places'][number]> = {}) => ({
  ...{ offset, length: 400, isCertificate: true, inList: false },
  ...more,
});
const shownKey = (spki: Uint8Array, more: Partial<ShownKey> = {}): ShownKey => ({
  ...{ spki, places: [place(4096)], isDropped: false, inAuthorities: false },
  ...more,
});
const roots = rootCertificates.map((pem) =>
  shownKey(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })),
);
const own = Buffer.from(spkiOf(rsaFrom('own', 1024)), 'base64');

/** Surroundings in which nothing is found. */
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  nearMarker: () => false,
  *signers() {
    yield undefined as never;
    return new Set<Uint8Array>();
  },
  ...more,
});

/** A certificate (RFC 5280, 4.1) with these names and extensions, and without a valid signature. */
function certificate(issuer: string, subject: string, extensions: readonly Uint8Array[] = []): Uint8Array {
  const name = (text: string) => sequence(octetString(Buffer.from(text)));
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const fields = [integer(Buffer.of(7)), algorithm, name(issuer), sequence(), name(subject), own];
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
      const extent = { offset, length: (der ?? own).length, spki: own };
      return { type: 'public', form, ...extent, ...(der ? { certificate: der } : {}) } as const;
    };
    const ca = certificate('root', 'root');
    const server = certificate('root', 'server');
    const keysOf = (...records: ReturnType<typeof shown>[]) => {
      const joiner = new KeyJoiner();
      for (const record of records) joiner.addPublic(record);
      return [...joiner.publicKeys()].map(({ inAuthorities, places }) => [
        inAuthorities,
        ...places.map(({ offset }) => offset),
      ]);
    };
    expect(keysOf(shown('certificate', 64, ca))).toEqual([[true, 64]]);
    // The SubjectPublicKeyInfo of the certificate.
    expect(keysOf(shown('spki', 80), shown('certificate', 64, ca))).toEqual([[true, 64, 80]]);
    expect(keysOf(shown('certificate', 64, ca), shown('spki', 4096))).toEqual([[false, 64, 4096]]);
    // A bare one counts, wherever the first one is.
    expect(keysOf(shown('certificate', 64, ca), shown('spki', 80), shown('spki', 4096))).toEqual([
      [false, 64, 80, 4096],
    ]);
    expect(keysOf(shown('certificate', 64, ca), shown('certificate', 4096, server))).toEqual([
      [false, 64, 4096],
    ]);
  });

  test('that were too many to keep are dropped', () => {
    const joiner = new KeyJoiner();
    for (let i = 0; i <= 32; i++) {
      const der = certificate('root', 'root', [constraints(IS_CA, integer(Buffer.of(i)))]);
      const form = { type: 'public', form: 'certificate' } as const;
      joiner.addPublic({ ...form, offset: i * 4096, length: der.length, spki: own, certificate: der });
    }
    expect([...joiner.publicKeys()].map(({ isDropped }) => isDropped)).toEqual([true]);
  });
});

/** The key alone, as the searches get it. */
const keyOf = (shown: ShownKey, surroundings: Partial<Surroundings>, asked: SearchedPublicKey[] = []) =>
  finish(publicKeysOf([shown], asked, 'normal', around(surroundings)))[0]!;

describe('a public key is foreign', () => {
  const LISTED = [place(0, { inList: true }), place(9000, { inList: true })];
  const inModule = (offset: number) => offset < 8192;
  test.each<[string, Partial<ShownKey>, Partial<Surroundings>, string | undefined]>([
    ['in certificates of authorities alone', { inAuthorities: true }, {}, 'authority'],
    ['in modules', { places: [place(0), place(800)] }, { isFileBacked: inModule }, 'module'],
    ['in lists', { places: LISTED }, {}, 'list'],
    [
      'in a module and in a list',
      { places: [place(0), place(9000, { inList: true })] },
      { isFileBacked: inModule },
      'list',
    ],
    [
      'in one module and elsewhere',
      { places: [place(0), place(9000)] },
      { isFileBacked: inModule },
      undefined,
    ],
    ['in one list and elsewhere', { places: [place(0, { inList: true }), place(9000)] }, {}, undefined],
    ['without a map of modules', { places: [place(0)] }, {}, undefined],
    ['a lone certificate', {}, {}, undefined],
    ['a bare key', { places: [place(64, { isCertificate: false })] }, {}, undefined],
    ['without a place', { places: [] }, {}, undefined],
  ])('%s: %j', (_, shown, surroundings, by) => {
    expect(keyOf(shownKey(own, shown), surroundings).foreign?.by).toBe(by);
  });

  test('on the list of published keys', () => {
    // RFC 8410, 10.1.
    const published = Buffer.from(
      '302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1',
      'hex',
    );
    expect(keyOf(shownKey(published), {}).foreign?.by).toBe('published');
  });

  const authority = shownKey(own, { inAuthorities: true });
  test.each<[string, ShownKey, Partial<Surroundings>, SearchedPublicKey[]]>([
    ['asked for', authority, {}, [{ spki: own, isTarget: true }]],
    ['dropped in part', { ...authority, isDropped: true }, {}, []],
    ['beside a marker', authority, { nearMarker: ({ offset }) => offset === 4096 }, []],
    [
      'that has signed',
      authority,
      {
        *signers(keys) {
          yield undefined as never;
          return new Set(keys);
        },
      },
      [],
    ],
  ])('never if it is one %s', (_, shown, surroundings, asked) => {
    expect(keyOf(shown, surroundings, asked).foreign).toBeUndefined();
  });

  test('until a search has settled it, it is written', () => {
    const key = keyOf(authority, {});
    expect(key.foreign).toEqual({
      ...{ by: 'authority', isSettled: false },
      encodings: [expect.objectContaining({ offset: 4096, length: 400 })],
    });
    expect([targetOfKey(key), kindOfIdentity(key)]).toEqual(['written', 'written']);
    key.foreign!.isSettled = true;
    expect([targetOfKey(key), kindOfIdentity(key)]).toEqual(['blind', 'foreign (authority)']);
    expect(targetOfKey({ ...key, isTarget: true })).toBe('asked');
    const { foreign: _, ...written } = key;
    expect(targetOfKey(written)).toBe('written');
  });

  test('signatures are looked for only if all else is shown', () => {
    const tried: Uint8Array[][] = [];
    const surroundings = around({
      *signers(keys) {
        tried.push([...keys]);
        yield undefined as never;
        return new Set<Uint8Array>();
      },
    });
    finish(publicKeysOf([shownKey(own)], [], 'normal', surroundings));
    expect(tried).toEqual([]);
    finish(publicKeysOf([shownKey(own), ...roots, authority], [], 'normal', surroundings));
    expect(tried).toEqual([[own]]);
  });
});

describe('public keys that an artifact shows', () => {
  const searched = ({ spki, places }: ShownKey) => ({ spki, places: places.map(({ offset }) => offset) });

  test('are marked if they are public roots: those of Node, but for some newer than the list', () => {
    const all = finish(publicKeysOf(roots, [], 'normal', around()));
    const marked = all.filter(({ isPublicRoot }) => isPublicRoot);
    expect(marked.length).toBeGreaterThan(roots.length * 0.9);
    expect(all.filter((key) => kindOfIdentity(key) === 'root')).toEqual(marked);
  });

  test('are not marked if they are not public roots', () => {
    const shown = shownKey(own);
    expect(finish(publicKeysOf([shown], [], 'normal', around()))).toEqual([searched(shown)]);
  });

  test('are not marked with --deep', () => {
    expect(finish(publicKeysOf(roots, [], 'deep', around()))).toEqual(roots.map(searched));
  });

  test('are not marked if they are targets', () => {
    const [first, second] = roots;
    const asked = { spki: first!.spki, isTarget: true };
    expect(finish(publicKeysOf([first!, second!], [asked], 'normal', around()))).toEqual([
      searched(first!),
      { ...searched(second!), isPublicRoot: true },
      asked,
    ]);
  });
});
