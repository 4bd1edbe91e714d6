import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { decodeBase64 } from '../../../src/redact/signature/minisign.js';
import { Signer } from '../../../src/redact/signature/signer.js';
import { checkSignature, openVerifyKey } from '../../../src/redact/signature/verifier.js';
import fc from '../../support/property.js';
import { inFolder, KEY, newKey, OTHER_KEY } from './signed-copy.js';

/** The code of what a call throws, with its exit status; it must quote nothing of the key. */
function codeOf(call: () => unknown, secret = ''): string {
  try {
    call();
    return 'opened';
  } catch (error) {
    const { code, exit, message, hint } = error as {
      code: string;
      exit: number;
      message: string;
      hint: string;
    };
    expect(hint).not.toBe('');
    if (secret !== '') expect(`${message}${hint}`).not.toContain(secret);
    return `${code} ${exit}`;
  }
}

const pem = (type: 'rsa' | 'ec' | 'ed448') => {
  const { privateKey, publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 })
      : type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed448');
  return {
    pkcs8: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    spki: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
};

const encrypted = KEY.privateKey
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();

const line = (text: string) => text.split('\n')[1]!;
/** A line of base64 with bytes changed. */
const spoilt = (text: string, change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(line(text), 'base64');
  change(bytes);
  return bytes.toString('base64');
};

describe('a key to sign with', () => {
  const ROWS: [name: string, content: string | Uint8Array, code: string][] = [
    ['PKCS#8', KEY.pkcs8, 'opened'],
    ['PKCS#8 behind other text', `made in a test\n${KEY.pkcs8}`, 'opened'],
    ["minisign's", KEY.minisignSecret, 'opened'],
    ["minisign's with line ends of Windows", KEY.minisignSecret.replaceAll('\n', '\r\n'), 'opened'],
    ["minisign's without its comment", line(KEY.minisignSecret), 'opened'],
    ['an encrypted PKCS#8', encrypted, 'sign-key-has-password 3'],
    [
      'an encrypted one of minisign',
      spoilt(KEY.minisignSecret, (b) => b.write('Sc', 2)),
      'sign-key-has-password 3',
    ],
    ['a public half', KEY.spki, 'sign-key-is-public 3'],
    ['a public half of minisign', KEY.minisignPublic, 'sign-key-is-public 3'],
    ['an RSA key', pem('rsa').pkcs8, 'sign-key-other-kind 3'],
    ['an EC key', pem('ec').pkcs8, 'sign-key-other-kind 3'],
    ['an Ed448 key', pem('ed448').pkcs8, 'sign-key-other-kind 3'],
    ['a key of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\n', 'sign-key-other-kind 3'],
    ['two keys', KEY.pkcs8 + OTHER_KEY.pkcs8, 'sign-key-several 3'],
    ['two keys of minisign', KEY.minisignSecret + line(OTHER_KEY.minisignSecret), 'sign-key-several 3'],
    ['a PKCS#8 cut short', KEY.pkcs8.slice(0, 70), 'sign-key-damaged 3'],
    [
      'another seed for the same public half',
      spoilt(KEY.minisignSecret, (b) => (b[70]! ^= 1)),
      'sign-key-damaged 3',
    ],
    ['a key of signify', spoilt(KEY.minisignSecret, (b) => b.write('BK', 2)), 'sign-key-unknown 3'],
    ['another PEM block', '-----BEGIN X509 CRL-----\n', 'sign-key-unknown 3'],
    ['nothing', '', 'sign-key-unknown 3'],
    ['text', 'hello', 'sign-key-unknown 3'],
    ['bytes', Buffer.alloc(300, 0x80), 'sign-key-unknown 3'],
    ['a long file', Buffer.alloc(20_000, 0x41), 'sign-key-too-long 3'],
  ];
  test.each(ROWS)('%s', (_name, content, code) =>
    inFolder(async ({ file, write }) => {
      write('k', content);
      const [, secret = ''] = content.toString().split('\n');
      expect(codeOf(() => Signer.open(file('k')), secret)).toBe(code);
    }),
  );

  test('that is no file is not quoted, as it may be the key itself', () =>
    inFolder(async ({ folder }) => {
      const secret = line(KEY.minisignSecret);
      expect(codeOf(() => Signer.open(secret), secret)).toBe('sign-key-unreadable 3');
      expect(codeOf(() => Signer.open(folder))).toBe('sign-key-unreadable 3');
    }));
});

describe('a key to verify with', () => {
  const ROWS: [name: string, content: string, code: string][] = [
    ['PEM', KEY.spki, 'opened'],
    ["minisign's", KEY.minisignPublic, 'opened'],
    ["minisign's without its comment", KEY.line, 'opened'],
    ['a private key', KEY.pkcs8, 'verify-key-is-private 3'],
    ['an encrypted private key', encrypted, 'verify-key-is-private 3'],
    ['a secret key of minisign', KEY.minisignSecret, 'verify-key-is-private 3'],
    ['an RSA key', pem('rsa').spki, 'verify-key-other-kind 3'],
    ['an EC key', pem('ec').spki, 'verify-key-other-kind 3'],
    ['two keys', KEY.spki + OTHER_KEY.spki, 'verify-key-several 3'],
    ['two keys of minisign', KEY.minisignPublic + OTHER_KEY.line, 'verify-key-several 3'],
    ['a damaged PEM', KEY.spki.replace('MCow', 'MCox'), 'verify-key-damaged 3'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\n', 'verify-key-unknown 3'],
    ['a signature', 'untrusted comment: x\nRUQ=\n', 'verify-key-unknown 3'],
    ['nothing', '', 'verify-key-unknown 3'],
  ];
  test.each(ROWS)('%s', (_name, content, code) =>
    inFolder(async ({ file, write }) => {
      write('k', content);
      expect(codeOf(() => openVerifyKey(file('k')), content.split('\n')[1])).toBe(code);
    }),
  );

  test('may be given as the line itself', () => {
    expect(codeOf(() => openVerifyKey(KEY.line))).toBe('opened');
    expect(codeOf(() => openVerifyKey(KEY.line.slice(1)))).toBe('verify-key-unreadable 3');
  });
});

test('what a key signs is verified by its public half in each form, and by no other', () =>
  inFolder(async ({ file }) => {
    for (const secret of ['key.pem', 'minisign.key']) {
      const signer = Signer.open(file(secret));
      const message = Buffer.from('message');
      const signature = signer.sign(message, 'a comment');
      const keys = ['key.pub', 'minisign.pub', 'other.pub'].map((name) => openVerifyKey(file(name)));
      const found = [...keys, openVerifyKey(signer.publicKey)].map((key) => {
        const checked = checkSignature(message, signature, key);
        return 'problem' in checked ? checked.problem.code : checked.trustedComment;
      });
      // A PEM file has no identifier, so that minisign's does not fit what it signed.
      const byMinisign = secret === 'key.pem' ? 'signature-of-other-key' : 'a comment';
      expect(found).toEqual(['a comment', byMinisign, 'signature-of-other-key', 'a comment']);
    }
  }));

test('an opened key prints nothing secret', () =>
  inFolder(async ({ file }) => {
    const signer = Signer.open(file('key.pem'));
    expect(inspect(signer, { depth: 9, showHidden: true })).not.toMatch(/#|Private/);
    expect(Object.keys(signer).sort()).toEqual(['file', 'publicKey']);
  }));

test('base64 is decoded as by Node, and in its canonical form alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(decodeBase64(Buffer.from(text))).toEqual(Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ABCD/+=_ \n'), maxLength: 12 }), (text) => {
      const decoded = decodeBase64(Buffer.from(text));
      const again = Buffer.from(text, 'base64');
      const canonical = text !== '' && again.toString('base64') === text;
      expect(decoded).toEqual(canonical ? again : undefined);
    }),
  );
});

test('no two keys of a test are the same', () => expect(newKey().line).not.toBe(KEY.line));
