import type { TextEncoding } from '../../core/types.js';
import type { Pad } from './hmac-pads.js';

/** Octets that may be a symmetric key. */
export interface HmacSecret {
  key: Buffer;
  /** File offset and length of what is stored. */
  offset: number;
  length: number;
  /** What is stored: the key itself, or the padded key of HMAC's inner or outer hash. */
  form: 'key' | Pad;
  /** How the octets are written. */
  reading: 'bytes-be' | 'base64' | TextEncoding;
}

/** A key stored as its own bytes. */
export const plainKey = (key: Buffer, offset: number): HmacSecret => ({
  key,
  offset,
  length: key.length,
  form: 'key',
  reading: 'bytes-be',
});
