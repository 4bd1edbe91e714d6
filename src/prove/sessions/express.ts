import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import { unescaped } from './spelling.js';
import type { SessionReader } from './types.js';

const SECRET = direct();

/** cookie-signature, of express-session and cookie-parser: `s:`, value, and base64 without padding. */
const SIGNED = /^s:(.+)\.([0-9A-Za-z+/]{43})$/s;

export const express: SessionReader = (text) => {
  const [, value, signature] = SIGNED.exec(unescaped(text)) ?? [];
  if (value === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'base64');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, value), expected);
  return { name: 'Express cookie', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};

/** keygrip, of cookie-session and Koa: a cookie, and its signature in a cookie with `.sig` after the name. */
const PAIR = /^([0-9A-Za-z_.-]{1,128})=([^;]*); ?([0-9A-Za-z_.-]{1,128})\.sig=([0-9A-Za-z_-]{27})$/;

export const keygrip: SessionReader = (text) => {
  const [, name, value, signedName, signature] = PAIR.exec(text) ?? [];
  if (name === undefined || name !== signedName) return undefined;
  const signed = `${name}=${value}`;
  const expected = Buffer.from(signature!, 'base64url');
  const verify = (key: Uint8Array) => equal(hmac('sha1', key, signed), expected);
  return {
    name: 'cookie with a keygrip signature',
    verb: 'signed',
    trials: [{ derivation: SECRET, verify }],
  };
};
