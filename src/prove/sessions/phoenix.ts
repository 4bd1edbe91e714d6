import { hmac } from '../../core/base/crypto/hmac.js';
import { equal, pbkdf2Derived } from './derivations.js';
import type { Derivation, SessionReader } from './types.js';

/** Plug.Crypto.MessageVerifier: `SFMyNTY` is HS256 in base64. */
const TOKEN = /^(SFMyNTY\.[0-9A-Za-z_-]+)\.([0-9A-Za-z_-]{43})$/;

/** Salts of the manual of Phoenix.Token. Those of sessions are chosen at random for each program. */
const SALTS = [
  'user auth',
  'user socket',
  'user',
  'user salt',
  'user session',
  'token',
  'signing salt',
  'session',
];

const KEYS: readonly Derivation[] = SALTS.map((salt) => pbkdf2Derived('sha256', salt, 32));

export const phoenix: SessionReader = (text) => {
  const [, signed, signature] = TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return {
    name: 'Phoenix token',
    verb: 'signed',
    trials: KEYS.map((derivation) => ({ derivation, verify })),
  };
};
