import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { canonicalPrivateKey } from '../../src/core/asn1/private-key.js';
import type { SecretCandidate } from '../../src/detect/core/types.js';
import { candidates, detect, noise, planted, records } from './harness.js';
import { certificateOf, jwkOf, keys, openssl, rsa } from './keys.js';

const pemOf = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8'): string =>
  (key.export({ format: 'pem', type }) as string).trimEnd();
const pem = pemOf(rsa);
const body = pem.split('\n').slice(1, -1).join('');
const ed25519 = keys.find(({ name }) => name === 'ed25519')!.key;

/** The key of a candidate. */
const keyOf = ({ secret }: SecretCandidate): KeyObject =>
  createPrivateKey({ key: Buffer.from(secret.reveal()), format: 'der', type: 'pkcs8' });

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const quiet = Buffer.from('\x01"');
/** Surrounded by bytes that are neither text nor part of UTF-16 characters. */
const framed = (bytes: Uint8Array, at = 41): Buffer =>
  Buffer.concat([noise(at), quiet, bytes, Buffer.from('"\x01'), noise(60, 9)]);

describe('shapes of a whole PEM key', () => {
  const shapes: [string, string, string][] = [
    ['as written', pem, 'pem'],
    ['with CRLF', pem.replaceAll('\n', '\r\n'), 'pem'],
    ['in a JSON string', pem.replaceAll('\n', '\\n'), 'pem'],
    ['in a JSON string with CRLF', pem.replaceAll('\n', '\\r\\n'), 'pem'],
    ['in a JSON string in a JSON string', pem.replaceAll('\n', '\\\\n'), 'pem'],
    ['in a JSON string that escapes slashes', pem.replaceAll('/', '\\/').replaceAll('\n', '\\n'), 'pem'],
    [
      'in a URL',
      pem.replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('\n', '%0A').replaceAll('=', '%3D'),
      'pem',
    ],
    ['in XML', pem.replaceAll('\n', '&#13;&#10;'), 'pem'],
    ['in source code', pem.replaceAll('\n', '\\n" +\n    "'), 'pem'],
    ['indented', pem.replaceAll('\n', '\n        '), 'pem'],
    ['on one line', pem.replaceAll('\n', ' '), 'pem'],
    ['without an END line', pem.slice(0, pem.indexOf('\n-----END')), 'pem'],
    ['without lines, in one', body, 'base64'],
    ['without lines, folded', body.replace(/(.{76})/g, '$1\r\n'), 'base64'],
    ['base64url', Buffer.from(body, 'base64').toString('base64url'), 'base64url'],
  ];

  test.each(shapes)('%s', (_, text, encoding) => {
    for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le'), utf16be(text)])
      for (const at of [40, 41]) {
        const found = candidates(detect(framed(bytes, at)));
        expect(found.map((one) => [one.encoding, one.partial, one.confidence])).toEqual([
          [encoding, false, 'high'],
        ]);
        const [one] = found;
        expect([one!.offset, one!.length]).toEqual([at + quiet.length, bytes.length]);
        expect(keyOf(one!).equals(rsa)).toBe(true);
        expect(one!.wide !== undefined).toBe(bytes.length > text.length);
      }
  });

  test('the byte order follows from the bytes around the text', () => {
    const after = Buffer.from([0x23, 0x42]);
    const [be] = candidates(detect(Buffer.concat([Buffer.from([5, 9]), utf16be(pem), after])));
    const [le] = candidates(
      detect(Buffer.concat([Buffer.from([0, 5, 9]), Buffer.from(pem, 'utf16le'), after])),
    );
    expect([be?.wide, be?.offset, le?.wide, le?.offset]).toEqual(['be', 2, 'le', 3]);
  });
});

describe('every algorithm and label', () => {
  const blocks = keys.flatMap(({ name, key, forms }) =>
    Object.keys(forms)
      .filter((form) => form !== 'dsa' && !(name.includes('three') && form === 'pkcs1'))
      .map((form): [string, string, KeyObject] => [`${name} ${form}`, pemOf(key, form as 'pkcs8'), key]),
  );
  test.each(blocks)('%s', (_, text, key) => {
    const found = candidates(detect(planted(Buffer.from(text), 33)));
    expect(found).toHaveLength(1);
    expect([found[0]!.offset, found[0]!.length, found[0]!.partial]).toEqual([33, text.length, false]);
    if (found[0]!.material?.type !== 'dsa' && key.asymmetricKeyType !== 'rsa-pss')
      expect(keyOf(found[0]!).equals(key)).toBe(true);
    expect(found[0]!.preview).not.toContain('undefined');
  });

  test.each(blocks)('%s, its BEGIN line overwritten up to any character', (_, text, key) => {
    for (let from = 1; from <= text.indexOf('\n'); from++) {
      const [one] = candidates(detect(Buffer.concat([quiet, Buffer.from(text.slice(from)), quiet])));
      expect([from, one?.partial]).toEqual([from, false]);
      if (one!.material?.type !== 'dsa' && key.asymmetricKeyType !== 'rsa-pss')
        expect(keyOf(one!).equals(key)).toBe(true);
    }
  });
});

describe('truncated text', () => {
  /** Bytes of a member as a DER INTEGER. */
  const integerLength = (member: string | undefined) => {
    const bytes = Buffer.from(member ?? '', 'base64url');
    const length = bytes.length + (bytes[0]! >> 7);
    return length + (length > 255 ? 4 : 3);
  };
  const n = 'n and d';
  test(`truncated at the end: confidence low unless ${n} are left`, () => {
    for (let length = 120; length < pem.length - 30; length += 83) {
      const text = pem.slice(0, length);
      const found = candidates(
        detect(Buffer.concat([Buffer.from(text), Buffer.from('",\n"next string is no key')])),
      );
      expect(found).toHaveLength(1);
      const [one] = found;
      expect([one!.partial, one!.offset]).toEqual([true, 0]);
      const { material } = one!;
      if (material === undefined) expect([one!.confidence, one!.notes.length]).toEqual(['low', 1]);
      else {
        expect(one!.confidence).toBe('medium');
        expect(material.type === 'rsa' && Buffer.from(material.d!.reveal()).toString('base64url')).toBe(
          jwkOf(rsa).d,
        );
      }
      // If d has 256 bytes, it ends at byte 559 of the DER: character 746 of the body, plus 11 line ends.
      const end = Math.ceil(((299 + integerLength(jwkOf(rsa).d)) * 4) / 3);
      expect(material !== undefined).toBe(length >= 28 + end + Math.floor((end - 1) / 64));
    }
  });

  test('a string that a V8 heap snapshot cut at 1,024 characters', () => {
    const text = JSON.stringify({
      strings: [pem.slice(0, 1024), 'MIIE and other words that could be base64'],
    });
    const [one, ...others] = candidates(detect(Buffer.from(text)));
    expect(others).toEqual([]);
    expect(one?.material?.type).toBe('rsa');
    const key = one?.material;
    const jwk = jwkOf(rsa);
    if (key?.type === 'rsa')
      expect(
        [key.n, key.d?.reveal(), key.p?.reveal()].map(
          (part) => part && Buffer.from(part).toString('base64url'),
        ),
      ).toEqual([jwk.n, jwk.d, jwk.p]);
  });

  test('truncated at the front: found if p and q are left', () => {
    let recovered = 0;
    for (let from = 5; from < pem.length - 80; from += 97) {
      const found = candidates(detect(Buffer.concat([quiet, Buffer.from(pem.slice(from))])));
      if (found.length === 0) continue;
      expect(found).toHaveLength(1);
      const { material } = found[0]!;
      expect(
        material?.type === 'rsa' && material.q && Buffer.from(material.q.reveal()).toString('base64url'),
      ).toBe(jwkOf(rsa).q);
      recovered++;
    }
    expect(recovered).toBeGreaterThan(7);
  });

  test('the BEGIN line is lost, or part of it', () => {
    for (const from of [3, 12, 25, 28]) {
      const [one] = candidates(detect(Buffer.concat([quiet, Buffer.from(pem.slice(from))])));
      expect([one?.partial, one?.confidence]).toEqual([false, 'high']);
      expect(keyOf(one!).equals(rsa)).toBe(true);
    }
  });
});

describe('encrypted keys', () => {
  const legacy = openssl(['rsa', '-traditional', '-aes256', '-passout', 'pass:secret'], Buffer.from(pem));
  const pkcs8 = rsa.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  }) as string;
  const der = rsa.export({
    format: 'der',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  }) as Buffer;
  const p12 = (() => {
    const request = certificateOf(pem);
    return (
      request &&
      openssl(
        ['pkcs12', '-export', '-passout', 'pass:secret'],
        Buffer.concat([Buffer.from(`${pem}\n`), request]),
      )
    );
  })();

  test.each([
    ['traditional PEM', legacy, 'pem'],
    ['traditional PEM in JSON', legacy && Buffer.from(JSON.stringify(legacy.toString())), 'pem'],
    ['PKCS#8 PEM', Buffer.from(pkcs8), 'pem'],
    ['PKCS#8 DER', der, 'pkcs8-encrypted'],
    ['PKCS#12', p12, 'pkcs12'],
  ] as const)('%s', (_, bytes, encoding) => {
    const found = candidates(detect(planted(bytes!, 50)));
    expect(found.map((one) => [one.kind, one.severity, one.encoding, one.partial, one.confidence])).toEqual([
      ['encrypted-key', 'medium', encoding, false, 'high'],
    ]);
    expect(found[0]!.material).toBeUndefined();
  });

  // Every key4.db of NSS has such a record: a known text, to check passwords.
  test.each([
    [16, []],
    [32, []],
    [48, ['encrypted-key']],
  ])('%i octets encrypted with a password', (length, kinds) => {
    const algorithm = der.subarray(4, 6 + der[5]!);
    const body = Buffer.concat([algorithm, Buffer.from([4, length]), noise(length)]);
    const head = body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length];
    const bytes = Buffer.concat([Buffer.from(head), body]);
    expect(candidates(detect(planted(bytes, 50))).map(({ kind }) => kind)).toEqual(kinds);
  });

  test('PEM and DER of one encrypted key have the same ciphertext', () => {
    const label = 'ENCRYPTED PRIVATE KEY';
    const text = `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----`;
    const [a] = candidates(detect(Buffer.from(text)));
    const [b] = candidates(detect(der));
    expect(Buffer.from(a!.secret.reveal()).equals(Buffer.from(b!.secret.reveal()))).toBe(true);
  });
});

describe('labels and public text', () => {
  test.each([
    ['a label alone', '-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0'],
    ['BEGIN directly followed by END', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'],
    ['a format string', '-----BEGIN %s-----\n%s\n-----END PRIVATE KEY-----'],
    [
      'prose',
      '-----BEGIN PRIVATE KEY----- is the line that a private key in this form always begins with, RFC says',
    ],
    ['a template', '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----'],
    ['a table of labels', 'PRIVATE KEY-----\0PRIVATE KEY\0RSA PRIVATE KEY-----\0'],
  ])('%s is no key', (_, text) => {
    for (const bytes of [Buffer.from(text), Buffer.from(text, 'utf16le')]) expect(detect(bytes)).toEqual([]);
  });

  test('public keys and certificates are collected', () => {
    const spki = createPublicKey(rsa).export({ format: 'der', type: 'spki' }) as Buffer;
    const publicPem = createPublicKey(rsa).export({ format: 'pem', type: 'spki' }) as string;
    const pkcs1 = createPublicKey(rsa).export({ format: 'pem', type: 'pkcs1' }) as string;
    const certificate = certificateOf(pem)!;
    for (const [text, form] of [
      [publicPem, 'spki'],
      [pkcs1, 'spki'],
      [certificate.toString().replaceAll('\n', '\\n'), 'certificate'],
    ] as const) {
      const found = records(detect(Buffer.from(text), ['pem']));
      expect(found.map((one) => [one.form, Buffer.from(one.spki).equals(spki)])).toEqual([[form, true]]);
    }
  });
});

test('an Ed25519 key of one line', () => {
  const text = pemOf(ed25519).split('\n')[1]!;
  const [one] = candidates(detect(framed(Buffer.from(text))));
  expect([one?.preview, one?.length]).toEqual(['Ed25519 private key', text.length]);
  expect(Buffer.from(canonicalPrivateKey(one!.material!)).toString('base64')).toBe(text);
});
