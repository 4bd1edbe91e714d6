import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import { opensGcm } from './rails.js';
import { base64Object, unescaped } from './spelling.js';
import type { SessionReader, SessionTrial } from './types.js';

/** Keys of AES-128 and AES-256: APP_KEY after `base64:`. */
const KEY = direct(16, 32);

const HEX = /^[0-9a-f]{64}$/;

/** `Illuminate\Encryption\Encrypter`: base64 of a JSON object. CBC has a MAC, GCM a tag. */
export const laravel: SessionReader = (text) => {
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
