import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { publicKeysOf } from '../../src/pipeline/identities.js';
import { spkiOf } from '../search/harness.js';
import { rsaFrom } from '../search/seeded.js';

const roots = rootCertificates.map((pem) => ({
  spki: new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }),
}));
const own = { spki: Buffer.from(spkiOf(rsaFrom('own', 1024)), 'base64') };

describe('public keys that an artifact shows', () => {
  test('are marked if they are public roots: those of Node, but for some newer than the list', () => {
    const marked = publicKeysOf(roots, [], 'normal').filter(({ isPublicRoot }) => isPublicRoot);
    expect(marked.length).toBeGreaterThan(roots.length * 0.9);
  });

  test('are not marked if they are not public roots', () => {
    expect(publicKeysOf([own], [], 'normal')).toEqual([own]);
  });

  test('are not marked with --deep', () => {
    expect(publicKeysOf(roots, [], 'deep')).toEqual(roots);
  });

  test('are not marked if they are targets', () => {
    const [first, second] = publicKeysOf([], roots.slice(0, 2), 'normal');
    const asked = { ...first!, isTarget: true };
    expect(publicKeysOf([first!, second!], [asked], 'normal')).toEqual([
      first,
      { ...second, isPublicRoot: true },
      asked,
    ]);
  });
});
