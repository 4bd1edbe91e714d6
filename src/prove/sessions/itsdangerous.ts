import { hmac } from '../../core/base/crypto/hmac.js';
import { concatDerived, direct, equal, hmacDerived } from './derivations.js';
import type { Derivation, SessionReader } from './types.js';

/** itsdangerous: payload, time and signature between dots; HMAC-SHA1. Flask, Starlette and others. */
const TOKEN = /^([0-9A-Za-z_.+/=-]+\.[0-9A-Za-z_-]{6})\.([0-9A-Za-z_-]{27})$/;

/** Salts with their `key_derivation`. */
const KEYS: readonly Derivation[] = [
  hmacDerived('sha1', 'cookie-session'),
  // SessionMiddleware of Starlette has the default of a signer.
  concatDerived('sha1', 'itsdangerous.Signersigner'),
  concatDerived('sha1', 'itsdangeroussigner'),
  hmacDerived('sha1', 'flask-session'),
];

/** Standard base64, which Starlette's payload is; that of Flask has no padding. */
const STANDARD = /[=+/]/;

export const itsdangerous: SessionReader = (text) => {
  const [, signed, signature] = TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha1', key, signed), expected);
  return {
    name: STANDARD.test(signed) ? 'Starlette session' : 'Flask session',
    verb: 'signed',
    trials: KEYS.map((derivation) => ({ derivation, verify })),
  };
};

/** `remember_token` of Flask-Login: the name of a user, and HMAC-SHA512 over it under the secret. */
const REMEMBER = /^([^|]{1,256})\|([0-9a-f]{128})$/;

const SECRET = direct();

export const flaskLogin: SessionReader = (text) => {
  const [, user, signature] = REMEMBER.exec(text) ?? [];
  if (user === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const verify = (key: Uint8Array) => equal(hmac('sha512', key, user), expected);
  return { name: 'Flask-Login cookie', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};
