import { createDecipheriv } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';
import {
  type Derivation,
  direct,
  equal,
  hkdfDerived,
  pbkdf2Derived,
  type SessionReader,
  type SessionTrial,
} from './derivations.js';
import { base64Object, unescaped } from './spelling.js';

/** JSON Web Encryption in compact form with the algorithm `dir` (RFC 7516, 7.1): no encrypted key. */
const TOKEN = /^([0-9A-Za-z_-]+)\.\.([0-9A-Za-z_-]{16,22})\.([0-9A-Za-z_-]+)\.([0-9A-Za-z_-]{22,43})$/;

interface Encryption {
  keys: readonly Derivation[];
  opens(key: Uint8Array, token: Parts): boolean;
}

interface Parts {
  header: Buffer;
  iv: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

/** The names of the cookies, which Auth.js takes as salt. */
const COOKIES = ['authjs.session-token', '__Secure-authjs.session-token', '__Host-authjs.session-token'];

/** NextAuth 4 and Auth.js derive a key by HKDF; other programs use the secret itself. */
const keysOf = (octets: number): readonly Derivation[] => [
  hkdfDerived('', 'NextAuth.js Generated Encryption Key', octets),
  ...COOKIES.map((salt) => hkdfDerived(salt, `Auth.js Generated Encryption Key (${salt})`, octets)),
  direct(octets),
];

const gcm = (octets: number): Encryption => ({
  keys: keysOf(octets),
  opens: (key, { header, iv: nonce, ...rest }) => opensGcm({ key, nonce, associated: header, ...rest }),
});

/** RFC 7518, 5.2.2: the first half of the key authenticates, and the tag is half of the MAC. */
const cbc = (octets: number, hash: string): Encryption => ({
  keys: keysOf(octets),
  opens(key, { header, iv, ciphertext, tag }) {
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64BE(BigInt(header.length * 8));
    const mac = hmac(hash, key.subarray(0, octets / 2), header, iv, ciphertext, bits);
    return equal(mac.subarray(0, octets / 2), tag);
  },
});

const ENCRYPTIONS: Readonly<Record<string, Encryption>> = {
  A128GCM: gcm(16),
  A256GCM: gcm(32),
  'A128CBC-HS256': cbc(32, 'sha256'),
  'A256CBC-HS512': cbc(64, 'sha512'),
};

export const jwe: SessionReader = (text) => {
  const [, header, ...rest] = TOKEN.exec(text) ?? [];
  if (header === undefined) return undefined;
  const { alg, enc } = base64Object(header) ?? {};
  if (alg !== 'dir' || typeof enc !== 'string' || !Object.hasOwn(ENCRYPTIONS, enc)) return undefined;
  const { keys, opens } = ENCRYPTIONS[enc]!;
  const [iv, ciphertext, tag] = rest.map((part) => Buffer.from(part, 'base64url'));
  const parts = { header: Buffer.from(header, 'latin1'), iv: iv!, ciphertext: ciphertext!, tag: tag! };
  const verify = (key: Uint8Array) => opens(key, parts);
  const trials: SessionTrial[] = keys.map((derivation) => ({ derivation, verify }));
  return { name: 'JSON Web Token', verb: 'encrypted', trials };
};

/** MessageVerifier: base64 and the signature in hexadecimal. */
const SIGNED = /^([0-9A-Za-z+/=]+)--([0-9a-f]{40}|[0-9a-f]{64})$/;
/** MessageEncryptor with AES-256-GCM: ciphertext, nonce and tag in base64. */
const ENCRYPTED = /^([0-9A-Za-z+/]+={0,2})--([0-9A-Za-z+/]{16})--([0-9A-Za-z+/]{22}==)$/;

/** Hashes of the key generator: SHA-256 since Rails 7.0. */
const GENERATORS = ['sha256', 'sha1'];

/** The salts of Rails; the key of the older encrypted cookies signs their ciphertext. */
const SALTS = ['signed cookie', 'signed encrypted cookie', 'ActiveStorage', 'active_record/signed_id'];

const SIGNING_KEYS: readonly Derivation[] = [
  // `secret_token` of Rails 3 and `secret` of Rack::Session::Cookie sign without a derivation.
  direct(),
  ...SALTS.flatMap((salt) => GENERATORS.map((hash) => pbkdf2Derived(hash, salt, 64))),
];

const ENCRYPTING_KEYS: readonly Derivation[] = GENERATORS.map((hash) =>
  pbkdf2Derived(hash, 'authenticated encrypted cookie', 32),
);

export const railsSigned: SessionReader = (text) => {
  const [, signed, signature] = SIGNED.exec(unescaped(text)) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const hash = expected.length === 20 ? 'sha1' : 'sha256';
  const verify = (key: Uint8Array) => equal(hmac(hash, key, signed), expected);
  return {
    name: 'Rails cookie',
    verb: 'signed',
    trials: SIGNING_KEYS.map((derivation) => ({ derivation, verify })),
  };
};

export const railsEncrypted: SessionReader = (text) => {
  const [, ...parts] = ENCRYPTED.exec(unescaped(text)) ?? [];
  const [ciphertext, nonce, tag] = parts.map((part) => Buffer.from(part, 'base64'));
  if (ciphertext === undefined || nonce === undefined || tag === undefined) return undefined;
  const verify = (key: Uint8Array) => opensGcm({ key, nonce, ciphertext, tag });
  const trials: SessionTrial[] = ENCRYPTING_KEYS.map((derivation) => ({ derivation, verify }));
  return { name: 'Rails cookie', verb: 'encrypted', trials };
};

interface Gcm {
  key: Uint8Array;
  nonce: Uint8Array;
  ciphertext: Uint8Array;
  tag: Uint8Array;
  associated?: Uint8Array;
}

/** True if AES-GCM opens the ciphertext under this key of 16 or 32 bytes. */
export function opensGcm({ key, nonce, ciphertext, tag, associated }: Gcm): boolean {
  // Shorter tags would be easier to hit by chance.
  if (tag.length !== 16 || nonce.length < 12 || nonce.length > 16) return false;
  try {
    const cipher = createDecipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
    if (associated) cipher.setAAD(associated);
    cipher.setAuthTag(tag);
    cipher.update(ciphertext);
    cipher.final();
    return true;
  } catch {
    return false;
  }
}
