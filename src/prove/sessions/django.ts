import { hmac } from '../../core/base/crypto/hmac.js';
import { concatDerived, equal } from './derivations.js';
import type { Derivation, SessionReader } from './types.js';

/**
 * `django.core.signing`: payload, time and signature between colons. The key is a hash over salt, `signer`
 * and the secret (`salted_hmac`); a signer of cookies puts `django.http.cookies` before the secret.
 */
const TOKEN = /^([0-9A-Za-z_.-]+:[0-9A-Za-z]{6}):([0-9A-Za-z_-]{27}|[0-9A-Za-z_-]{43})$/;

/** Salts of Django itself, with the prefix of the secret. */
const SALTS: readonly [salt: string, prefix?: string][] = [
  ['django.contrib.sessions.backends.signed_cookies'],
  // What sessions in a database or a cache are stored with.
  ['django.contrib.sessions.SessionStore'],
  ['django.core.signing'],
  ['django.contrib.messages', 'django.http.cookies'],
];

const keys = (hash: string): readonly Derivation[] =>
  SALTS.map(([salt, prefix]) => concatDerived(hash, `${salt}signer`, prefix));

/** SHA-1 before Django 3.1. */
const KEYS: Readonly<Record<number, readonly [hash: string, keys: readonly Derivation[]]>> = {
  27: ['sha1', keys('sha1')],
  43: ['sha256', keys('sha256')],
};

export const django: SessionReader = (text) => {
  const [, signed, signature = ''] = TOKEN.exec(text) ?? [];
  const known = KEYS[signature.length];
  if (signed === undefined || known === undefined) return undefined;
  const [hash, derivations] = known;
  const expected = Buffer.from(signature, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac(hash, key, signed), expected);
  return {
    name: 'Django session',
    verb: 'signed',
    trials: derivations.map((derivation) => ({ derivation, verify })),
  };
};
