import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import type { SessionReader } from './types.js';

/** Secure cookies of Tornado, version 2: fields with their lengths, and HMAC-SHA256 over all before it. */
const TOKEN =
  /^(2\|\d:\d{1,4}\|\d\d?:\d{1,12}\|\d{1,3}:[^|]{1,256}\|\d{1,5}:[0-9A-Za-z+/=]*\|)([0-9a-f]{64})$/;

const SECRET = direct();

export const tornado: SessionReader = (text) => {
  const [, signed, signature] = TOKEN.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(signature, 'hex');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return { name: 'Tornado cookie', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};
