import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal, hkdfDerived } from './derivations.js';
import { opensGcm } from './rails.js';
import { base64Object } from './spelling.js';
import type { Derivation, SessionReader, SessionTrial } from './types.js';

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
