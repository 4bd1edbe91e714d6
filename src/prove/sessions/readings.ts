import { Secret } from '../../core/base/crypto/secret.js';

/** Longest text that is tried as a secret, in bytes. */
const MOST = 1_024;
/** Fewest bytes of a secret that its text encodes. */
const LEAST_DECODED = 16;

/** Laravel writes its key so. */
const PREFIX = /^base64:/;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;
const BASE64 = /^[0-9A-Za-z+/]+={0,2}$/;
const BASE64URL = /^[0-9A-Za-z_-]+={0,2}$/;

/**
 * The keys that a text may be: its own bytes first, then what it encodes in hexadecimal or base64.
 * Programs differ in whether they decode a secret of their configuration.
 */
export function readingsOf(secret: Secret): Secret[] {
  if (secret.length === 0 || secret.length > MOST) return [];
  const bytes = Buffer.from(secret.reveal());
  const text = bytes.toString('latin1').replace(PREFIX, '');
  const decoded = [
    HEX.test(text) && Buffer.from(text, 'hex'),
    (BASE64.test(text) || BASE64URL.test(text)) && text.length % 4 !== 1 && Buffer.from(text, 'base64'),
  ].filter((each) => each !== false && each.length >= LEAST_DECODED) as Buffer[];
  return [secret, ...decoded.map((each) => new Secret(each))];
}

/** True for the bytes of a text: some frameworks derive keys from nothing else. */
export function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09);
}
