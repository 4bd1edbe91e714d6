import { createPublicKey, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { detect, planted, records } from './harness.js';
import { certificateOf, keys } from './keys.js';

describe('bare public keys of every algorithm', () => {
  test.each(
    keys.map(({ name, key }): [string, Buffer] => [
      name,
      createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer,
    ]),
  )('%s', (_, spki) => {
    for (const at of [0, 77]) {
      const found = records(detect(planted(spki, at), ['spki']));
      expect(
        found.map((one) => [one.form, one.offset, one.length, Buffer.from(one.spki).equals(spki)]),
      ).toEqual([['spki', at, spki.length, true]]);
    }
  });
});

test('certificates one after another, each with its key', () => {
  const all = rootCertificates.map((pem) => new X509Certificate(pem));
  const bytes = Buffer.concat(all.flatMap(({ raw }, i) => [Buffer.alloc(i % 5), raw]));
  const found = records(detect(bytes, ['spki']));
  const expected = all.map(
    ({ raw, publicKey }) => [raw, publicKey.export({ format: 'der', type: 'spki' }) as Buffer] as const,
  );
  const version3 = found.filter(({ form }) => form === 'certificate');
  expect(found).toHaveLength(all.length);
  // A few roots of the last century are of version 1 and have no mark to look for.
  expect(version3.length).toBeGreaterThan(all.length - 5);
  for (const one of version3) {
    const match = expected.find(([raw]) => raw.equals(Buffer.from(one.certificate!)));
    expect(match?.[1].equals(Buffer.from(one.spki))).toBe(true);
    expect(bytes.subarray(one.offset, one.offset + one.length).equals(match![0])).toBe(true);
  }
});

test('a certificate is no candidate, whatever detector sees it, and a cut one is its key alone', () => {
  const pem = certificateOf(keys[1]!.key.export({ format: 'pem', type: 'pkcs8' }) as string)!;
  const { raw } = new X509Certificate(pem);
  expect(detect(planted(raw, 5)).map((one) => [one.type, one.offset, one.length])).toEqual([
    ['public', 5, raw.length],
  ]);
  expect(records(detect(raw.subarray(0, raw.length - 20))).map(({ form }) => form)).toEqual(['spki']);
});
