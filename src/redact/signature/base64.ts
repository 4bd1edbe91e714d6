const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
/** Digits by character code; 255 for other characters. */
const DIGITS = new Uint8Array(256).fill(255);
for (const [value, character] of [...ALPHABET].entries()) DIGITS[character.charCodeAt(0)] = value;

/**
 * Decodes base64 (RFC 4648, section 4); undefined unless it is padded and canonical, so that no two texts
 * decode to the same bytes. Bytes in, bytes out: a string of a secret key could not be overwritten.
 */
export function decodeBase64(text: Uint8Array): Buffer | undefined {
  const { length } = text;
  if (length === 0 || length % 4 !== 0) return undefined;
  const pads = text[length - 1] !== PAD ? 0 : text[length - 2] !== PAD ? 1 : 2;
  // Not of Node's pool: other buffers would share its memory.
  const bytes = Buffer.alloc((length / 4) * 3 - pads);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (let i = 0; i < length - pads; i++) {
    const digit = DIGITS[text[i]!]!;
    if (digit === 255) return wiped(bytes);
    value = ((value << 6) | digit) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = value >> bits;
  }
  return (value & ((1 << bits) - 1)) === 0 ? bytes : wiped(bytes);
}

/** What was decoded so far may be a part of a key. */
function wiped(bytes: Buffer): undefined {
  bytes.fill(0);
  return undefined;
}
