import { hmac } from '../../core/base/crypto/hmac.js';
import { equal } from './derivations.js';
import { unescaped } from './spelling.js';
import type { Derivation, SessionReader, SessionTrial } from './types.js';

/**
 * Cookies of rack-session 2, with their name, of which Sinatra and Hanami make sessions: base64url of a
 * version (1), 32 random bytes, an IV of 16 bytes, ciphertext and MAC.
 */
const TOKEN = /^([0-9A-Za-z_.-]{1,128})=(A[Q-Za-f][0-9A-Za-z_-]{106,}={0,2})$/;

/** Octets of HMAC-SHA256. */
const MAC = 32;
/** Octets of the key that encrypts, at the beginning of the secret; the rest signs. */
const ENCRYPTING = 32;

const SECRET: Derivation = {
  units: 0,
  derive: (secret) => (secret.length >= 2 * ENCRYPTING ? secret.subarray(ENCRYPTING) : undefined),
};

export const rack: SessionReader = (text) => {
  const [, name, encoded] = TOKEN.exec(unescaped(text)) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  const [signed, mac] = [bytes.subarray(0, -MAC), bytes.subarray(-MAC)];
  // The name of the cookie is signed if the program sets it.
  const trials: SessionTrial[] = [name, ''].map((purpose) => ({
    derivation: SECRET,
    verify: (key) => equal(hmac('sha256', key, signed, purpose), mac),
  }));
  return { name: 'Rack session', verb: 'encrypted', trials };
};
