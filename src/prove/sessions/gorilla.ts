import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import { unescaped } from './spelling.js';
import type { SessionReader } from './types.js';

/**
 * Cookies of gorilla/securecookie (Go), with their name, which is signed: base64url of time, value and MAC.
 */
const TOKEN = /^([0-9A-Za-z_.-]{1,128})=(MT[Ycgk][0-9A-Za-z_-]{60,}={0,2})$/;

/** Octets of HMAC-SHA256, which is binary. */
const MAC = 32;
const BAR = 0x7c;
/** Digits of the time. */
const TIME = 10;

const SECRET = direct();

export const gorilla: SessionReader = (text) => {
  const [, name, encoded] = TOKEN.exec(unescaped(text)) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  const end = bytes.length - MAC;
  if (bytes[TIME] !== BAR || bytes[end - 1] !== BAR) return undefined;
  const verify = (key: Uint8Array) =>
    equal(hmac('sha256', key, `${name}|`, bytes.subarray(0, end - 1)), bytes.subarray(end));
  return { name: 'gorilla cookie', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};
