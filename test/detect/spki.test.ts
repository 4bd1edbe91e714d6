import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { sshString } from '../../src/core/base/crypto/ssh-wire.js';
import { detect, planted, records } from './harness.js';
import { certificateOf, jwkOf, keys } from './keys.js';

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

test('adjacent certificates, each with its key', () => {
  const all = rootCertificates.map((pem) => new X509Certificate(pem));
  const bytes = Buffer.concat(all.flatMap(({ raw }, i) => [Buffer.alloc(i % 5), raw]));
  const found = records(detect(bytes, ['spki']));
  const expected = all.map(
    ({ raw, publicKey }) => [raw, publicKey.export({ format: 'der', type: 'spki' }) as Buffer] as const,
  );
  expect(found).toHaveLength(all.length);
  for (const one of found) {
    const match = expected.find(([raw]) => raw.equals(Buffer.from(one.certificate!)));
    expect(match?.[1].equals(Buffer.from(one.spki))).toBe(true);
    expect(bytes.subarray(one.offset, one.offset + one.length).equals(match![0])).toBe(true);
  }
});

test('a certificate is never a candidate; of a truncated one the key is found', () => {
  const pem = certificateOf(keys[1]!.key.export({ format: 'pem', type: 'pkcs8' }) as string)!;
  const { raw } = new X509Certificate(pem);
  expect(detect(planted(raw, 5)).map((one) => [one.type, one.offset, one.length])).toEqual([
    ['public', 5, raw.length],
  ]);
  expect(records(detect(raw.subarray(0, raw.length - 20))).map(({ form }) => form)).toEqual(['spki']);
});

describe('public keys of SSH', () => {
  const wire = (...parts: (string | Buffer)[]): Buffer => Buffer.concat(parts.map((part) => sshString(part)));
  const member = (key: KeyObject, name: string): Buffer => Buffer.from(jwkOf(key)[name]!, 'base64url');
  /** An mpint (RFC 4251, 5). */
  const mpint = (value: Buffer): Buffer => (value[0]! < 0x80 ? value : Buffer.concat([Buffer.of(0), value]));
  const blobs: Readonly<Record<string, (key: KeyObject) => Buffer>> = {
    rsa: (key) => wire('ssh-rsa', mpint(member(key, 'e')), mpint(member(key, 'n'))),
    ed25519: (key) => wire('ssh-ed25519', member(key, 'x')),
    ...Object.fromEntries(
      [256, 384, 521].map((bits) => [
        `P-${bits}`,
        (key: KeyObject) =>
          wire(
            `ecdsa-sha2-nistp${bits}`,
            `nistp${bits}`,
            Buffer.concat([Buffer.of(4), member(key, 'x'), member(key, 'y')]),
          ),
      ]),
    ),
  };
  const writers: [string, (blob: Buffer) => Buffer][] = [
    ['as they are sent', (blob) => blob],
    ['as text', (blob) => Buffer.from(blob.toString('base64'))],
    ['as UTF-16', (blob) => Buffer.from(blob.toString('base64'), 'utf16le')],
    [
      'as UTF-16, most significant byte first',
      (blob) => Buffer.from(blob.toString('base64'), 'utf16le').swap16(),
    ],
  ];
  const cases = Object.entries(blobs).flatMap(([name, blobOf]) =>
    writers.map(([form, write]) => [name, form, blobOf, write] as const),
  );
  const made: Readonly<Record<string, KeyObject>> = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
    ed25519: generateKeyPairSync('ed25519').privateKey,
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  };
  test.each(cases)('%s, %s', (name, _, blobOf, write) => {
    const key = made[name]!;
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer;
    const bytes = write(blobOf(key));
    for (const at of [0, 78]) {
      const found = records(detect(planted(bytes, at), ['spki']));
      expect(found.map((one) => [one.offset, one.length, Buffer.from(one.spki).equals(spki)])).toEqual([
        [at, bytes.length, true],
      ]);
    }
  });

  test.each(Object.entries(blobs))('%s, truncated or of another curve: not found', (name, blobOf) => {
    const blob = blobOf(made[name]!);
    expect(records(detect(blob.subarray(0, blob.length - 1), ['spki']))).toEqual([]);
    if (!name.startsWith('P-')) return;
    const other = Buffer.from(blob.toString('latin1').replace(/nistp\d+(?=\0)/, 'nistp999'), 'latin1');
    expect(records(detect(other, ['spki']))).toEqual([]);
  });
});
