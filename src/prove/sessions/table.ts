import { pbkdf2Sync } from 'node:crypto';
import { hmac } from '../../core/base/crypto/hmac.js';
import { aspNet } from './aspnet.js';
import {
  concatDerived,
  type Derivation,
  direct,
  equal,
  hmacDerived,
  pbkdf2Derived,
  type SessionReader,
  type SessionToken,
  type SessionTrial,
} from './derivations.js';
import { jwe, opensGcm, railsEncrypted, railsSigned } from './jwe.js';
import { base64Object, unescaped } from './spelling.js';

/** itsdangerous: payload, time and signature between dots; HMAC-SHA1. Flask, Starlette and others. */
const ITSDANGEROUS_TOKEN = /^([0-9A-Za-z_.+/=-]+\.[0-9A-Za-z_-]{6})\.([0-9A-Za-z_-]{27})$/;

/** Salts with their `key_derivation`. */
const ITSDANGEROUS_KEYS: readonly Derivation[] = [
  hmacDerived('sha1', 'cookie-session'),
  // SessionMiddleware of Starlette has the default of a signer.
  concatDerived('sha1', 'itsdangerous.Signersigner'),
  concatDerived('sha1', 'itsdangeroussigner'),
  hmacDerived('sha1', 'flask-session'),
];

/** Standard base64, which Starlette's payload is; that of Flask has no padding. */
const STANDARD = /[=+/]/;

const itsdangerous: SessionReader = (text) => {
  const [, signed, signature] = ITSDANGEROUS_TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha1', key, signed), expected);
  return {
    name: STANDARD.test(signed) ? 'Starlette session' : 'Flask session',
    verb: 'signed',
    trials: ITSDANGEROUS_KEYS.map((derivation) => ({ derivation, verify })),
  };
};

/** `remember_token` of Flask-Login: the name of a user, and HMAC-SHA512 over it under the secret. */
const REMEMBER = /^([^|]{1,256})\|([0-9a-f]{128})$/;

const ITSDANGEROUS_SECRET = direct();

const flaskLogin: SessionReader = (text) => {
  const [, user, signature] = REMEMBER.exec(text) ?? [];
  if (user === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const verify = (key: Uint8Array) => equal(hmac('sha512', key, user), expected);
  return {
    name: 'Flask-Login cookie',
    verb: 'signed',
    trials: [{ derivation: ITSDANGEROUS_SECRET, verify }],
  };
};

/**
 * `django.core.signing`: payload, time and signature between colons. The key is a hash over salt, `signer`
 * and the secret (`salted_hmac`); a signer of cookies puts `django.http.cookies` before the secret.
 */
const DJANGO_TOKEN = /^([0-9A-Za-z_.-]+:[0-9A-Za-z]{6}):([0-9A-Za-z_-]{27}|[0-9A-Za-z_-]{43})$/;

/** Salts of Django itself, with the prefix of the secret. */
const DJANGO_SALTS: readonly [salt: string, prefix?: string][] = [
  ['django.contrib.sessions.backends.signed_cookies'],
  // What sessions in a database or a cache are stored with.
  ['django.contrib.sessions.SessionStore'],
  ['django.core.signing'],
  ['django.contrib.messages', 'django.http.cookies'],
];

const keys = (hash: string): readonly Derivation[] =>
  DJANGO_SALTS.map(([salt, prefix]) => concatDerived(hash, `${salt}signer`, prefix));

/** SHA-1 before Django 3.1. */
const DJANGO_KEYS: Readonly<Record<number, readonly [hash: string, keys: readonly Derivation[]]>> = {
  27: ['sha1', keys('sha1')],
  43: ['sha256', keys('sha256')],
};

const django: SessionReader = (text) => {
  const [, signed, signature = ''] = DJANGO_TOKEN.exec(text) ?? [];
  const known = DJANGO_KEYS[signature.length];
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

/** Plug.Crypto.MessageVerifier: `SFMyNTY` is HS256 in base64. */
const PHOENIX_TOKEN = /^(SFMyNTY\.[0-9A-Za-z_-]+)\.([0-9A-Za-z_-]{43})$/;

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

const phoenix: SessionReader = (text) => {
  const [, signed, signature] = PHOENIX_TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return {
    name: 'Phoenix token',
    verb: 'signed',
    trials: KEYS.map((derivation) => ({ derivation, verify })),
  };
};

const EXPRESS_SECRET = direct();

/** cookie-signature, of express-session and cookie-parser: `s:`, value, and base64 without padding. */
const SIGNED = /^s:(.+)\.([0-9A-Za-z+/]{43})$/s;

const express: SessionReader = (text) => {
  const [, value, signature] = SIGNED.exec(unescaped(text)) ?? [];
  if (value === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, value), expected);
  return { name: 'Express cookie', verb: 'signed', trials: [{ derivation: EXPRESS_SECRET, verify }] };
};

/** keygrip, of cookie-session and Koa: a cookie, and its signature in a cookie with `.sig` after the name. */
const PAIR = /^([0-9A-Za-z_.-]{1,128})=([^;]*); ?([0-9A-Za-z_.-]{1,128})\.sig=([0-9A-Za-z_-]{27})$/;

const keygrip: SessionReader = (text) => {
  const [, name, value, signedName, signature] = PAIR.exec(text) ?? [];
  if (name === undefined || name !== signedName) return undefined;
  const signed = `${name}=${value}`;
  const expected = Buffer.from(signature!, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha1', key, signed), expected);
  return {
    name: 'cookie with a keygrip signature',
    verb: 'signed',
    trials: [{ derivation: EXPRESS_SECRET, verify }],
  };
};

/** Keys of AES-128 and AES-256: APP_KEY after `base64:`. */
const KEY = direct(16, 32);

const HEX = /^[0-9a-f]{64}$/;

/** `Illuminate\Encryption\Encrypter`: base64 of a JSON object. CBC has a MAC, GCM a tag. */
const laravel: SessionReader = (text) => {
  const { iv, value, mac, tag } = base64Object(unescaped(text)) ?? {};
  if (typeof iv !== 'string' || typeof value !== 'string') return undefined;
  const verify = verifier(iv, value, mac, tag);
  if (verify === undefined) return undefined;
  return { name: 'Laravel cookie', verb: 'encrypted', trials: [{ derivation: KEY, verify }] };
};

function verifier(iv: string, value: string, mac: unknown, tag: unknown): SessionTrial['verify'] | undefined {
  if (typeof mac === 'string' && HEX.test(mac)) {
    const expected = Buffer.from(mac, 'hex');
    return (key) => equal(hmac('sha256', key, iv, value), expected);
  }
  if (typeof tag !== 'string' || tag === '') return undefined;
  const [nonce, ciphertext, end] = [iv, value, tag].map((part) => Buffer.from(part, 'base64'));
  return (key) => opensGcm({ key, nonce: nonce!, ciphertext: ciphertext!, tag: end! });
}

/**
 * Cookies of rack-session 2, with their name, of which Sinatra and Hanami make sessions: base64url of a
 * version (1), 32 random bytes, an IV of 16 bytes, ciphertext and MAC.
 */
const RACK_TOKEN = /^([0-9A-Za-z_.-]{1,128})=(A[Q-Za-f][0-9A-Za-z_-]{106,}={0,2})$/;

/** Octets of HMAC-SHA256. */
const RACK_MAC = 32;
/** Octets of the key that encrypts, at the beginning of the secret; the rest signs. */
const ENCRYPTING = 32;

const RACK_SECRET: Derivation = {
  units: 0,
  derive: (secret) => (secret.length >= 2 * ENCRYPTING ? secret.subarray(ENCRYPTING) : undefined),
};

const rack: SessionReader = (text) => {
  const [, name, encoded] = RACK_TOKEN.exec(unescaped(text)) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  const [signed, mac] = [bytes.subarray(0, -RACK_MAC), bytes.subarray(-RACK_MAC)];
  // The name of the cookie is signed if the program sets it.
  const trials: SessionTrial[] = [name, ''].map((purpose) => ({
    derivation: RACK_SECRET,
    verify: (key) => equal(hmac('sha256', key, signed, purpose), mac),
  }));
  return { name: 'Rack session', verb: 'encrypted', trials };
};

/** UriSigner of Symfony: a URI whose query has an HMAC-SHA256 over the rest in `_hash`. */
const SYMFONY_TOKEN = /^(https?:\/\/[^?]+)\?(?:(.*)&)?_hash=([^&]+)(?:&(.*))?$/s;
/** base64, or base64url since Symfony 7.3. */
const HASH = /^[0-9A-Za-z+/_-]{43}=?$/;

const SYMFONY_SECRET = direct();

const symfony: SessionReader = (text) => {
  const at = text.search(/https?:\/\//);
  const [, address, before, hash, after] = (at >= 0 && SYMFONY_TOKEN.exec(text.slice(at))) || [];
  if (address === undefined || hash === undefined) return undefined;
  const encoded = unescaped(hash);
  if (!HASH.test(encoded)) return undefined;
  const query = [before, after].filter((part) => part !== undefined).join('&');
  const signed = query === '' ? address : `${address}?${query}`;
  const expected = Buffer.from(encoded, 'base64');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return { name: 'Symfony URI', verb: 'signed', trials: [{ derivation: SYMFONY_SECRET, verify }] };
};

/**
 * Cookies of gorilla/securecookie (Go), with their name, which is signed: base64url of time, value and MAC.
 */
const GORILLA_TOKEN = /^([0-9A-Za-z_.-]{1,128})=(MT[Ycgk][0-9A-Za-z_-]{60,}={0,2})$/;

/** Octets of HMAC-SHA256, which is binary. */
const MAC = 32;
const BAR = 0x7c;
/** Digits of the time. */
const TIME = 10;

const GORILLA_SECRET = direct();

const gorilla: SessionReader = (text) => {
  const [, name, encoded] = GORILLA_TOKEN.exec(unescaped(text)) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  const end = bytes.length - MAC;
  if (bytes[TIME] !== BAR || bytes[end - 1] !== BAR) return undefined;
  const verify = (key: Uint8Array) =>
    equal(hmac('sha256', key, `${name}|`, bytes.subarray(0, end - 1)), bytes.subarray(end));
  return { name: 'gorilla cookie', verb: 'signed', trials: [{ derivation: GORILLA_SECRET, verify }] };
};

/**
 * iron, of hapi, iron-session and h3: `Fe26.2*`, key ID, salt, IV, ciphertext, expiry, salt of the MAC, MAC.
 */
const IRON_TOKEN =
  /^(Fe26\.2\*[^*]{0,64}\*[0-9a-f]{64}\*[0-9A-Za-z_-]{22}\*[0-9A-Za-z_-]+\*\d{0,16})\*([0-9a-f]{64})\*([0-9A-Za-z_-]{43})$/;

/** The key is derived with the salt of each token, by one iteration of PBKDF2. */
const IRON_SECRET: Derivation = { ...direct(), textOnly: true };

const iron: SessionReader = (text) => {
  const [, signed, salt, mac] = IRON_TOKEN.exec(text) ?? [];
  if (signed === undefined || salt === undefined || mac === undefined) return undefined;
  const expected = Buffer.from(mac, 'base64url');
  const verify = (key: Uint8Array) =>
    equal(hmac('sha256', pbkdf2Sync(key, salt, 1, 32, 'sha1'), signed), expected);
  return { name: 'iron session', verb: 'encrypted', trials: [{ derivation: IRON_SECRET, verify }] };
};

/** Secure cookies of Tornado, version 2: fields with their lengths, and HMAC-SHA256 over all before it. */
const TOKEN =
  /^(2\|\d:\d{1,4}\|\d\d?:\d{1,12}\|\d{1,3}:[^|]{1,256}\|\d{1,5}:[0-9A-Za-z+/=]*\|)([0-9a-f]{64})$/;

const SECRET = direct();

const tornado: SessionReader = (text) => {
  const [, signed, signature] = TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return { name: 'Tornado cookie', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};

/** The forms exclude each other, but for the last: any base64url. */
const READERS: readonly SessionReader[] = [
  django,
  itsdangerous,
  flaskLogin,
  railsSigned,
  railsEncrypted,
  laravel,
  rack,
  express,
  keygrip,
  jwe,
  iron,
  tornado,
  gorilla,
  phoenix,
  symfony,
  aspNet,
];

/** The session token that a text is, for verification; undefined if it has the form of none. */
export function readSession(text: string): SessionToken | undefined {
  for (const read of READERS) {
    const token = read(text);
    if (token !== undefined) return token;
  }
  return undefined;
}
