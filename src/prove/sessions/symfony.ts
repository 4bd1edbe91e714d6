import { hmac } from '../../core/base/crypto/hmac.js';
import { direct, equal } from './derivations.js';
import { unescaped } from './spelling.js';
import type { SessionReader } from './types.js';

/** UriSigner of Symfony: a URI whose query has an HMAC-SHA256 over the rest in `_hash`. */
const TOKEN = /^(https?:\/\/[^?]+)\?(?:(.*)&)?_hash=([^&]+)(?:&(.*))?$/s;
/** base64, or base64url since Symfony 7.3. */
const HASH = /^[0-9A-Za-z+/_-]{43}=?$/;

const SECRET = direct();

export const symfony: SessionReader = (text) => {
  const at = text.search(/https?:\/\//);
  const [, address, before, hash, after] = (at >= 0 && TOKEN.exec(text.slice(at))) || [];
  if (address === undefined || hash === undefined) return undefined;
  const encoded = unescaped(hash);
  if (!HASH.test(encoded)) return undefined;
  const query = [before, after].filter((part) => part !== undefined).join('&');
  const signed = query === '' ? address : `${address}?${query}`;
  const expected = Buffer.from(encoded, 'base64');
  const verify = (key: Uint8Array) => equal(hmac('sha256', key, signed), expected);
  return { name: 'Symfony URI', verb: 'signed', trials: [{ derivation: SECRET, verify }] };
};
