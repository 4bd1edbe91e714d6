import { pbkdf2Sync } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import type { Derivation, SessionReader } from './types.js';

/**
 * iron, of hapi, iron-session and h3: `Fe26.2*`, key ID, salt, IV, ciphertext, expiry, salt of the MAC, MAC.
 */
const TOKEN =
  /^(Fe26\.2\*[^*]{0,64}\*[0-9a-f]{64}\*[0-9A-Za-z_-]{22}\*[0-9A-Za-z_-]+\*\d{0,16})\*([0-9a-f]{64})\*([0-9A-Za-z_-]{43})$/;

/** The key is derived with the salt of each token, by one iteration of PBKDF2. */
const SECRET: Derivation = { ...direct(), textOnly: true };

export const iron: SessionReader = (text) => {
  const [, signed, salt, mac] = TOKEN.exec(text) ?? [];
  if (signed === undefined || salt === undefined || mac === undefined) return undefined;
  const expected = Buffer.from(mac, 'base64url');
  const verify = (key: Uint8Array) =>
    equal(hmac('sha256', pbkdf2Sync(key, salt, 1, 32, 'sha1'), signed), expected);
  return { name: 'iron session', verb: 'encrypted', trials: [{ derivation: SECRET, verify }] };
};
