import { crc32 } from './crc32.js';
import { BASE36, BASE62, toDigits } from './decimal-digits.js';
import type { Check } from './types.js';

/** Tokens whose last characters are a CRC-32 of the others; docs/rules.md lists them. */

const CRC_DIGITS = 6;

/** `prefix_` + body + 6: CRC-32 of the body alone, in base62, padded with zeros. */
function prefixed(token: string, bodyLength: number): boolean | undefined {
  const body = token.slice(token.indexOf('_') + 1);
  if (body.length !== bodyLength + CRC_DIGITS) return undefined;
  return toDigits(crc32(body.slice(0, bodyLength)), BASE62, CRC_DIGITS) === body.slice(bodyLength);
}

/** GitHub's classic tokens and npm's: 30 characters and their CRC-32. */
export const githubCrc32: Check = {
  statement: 'CRC-32 checksum matches',
  verify: (token) => prefixed(token, 30),
};

/** Vercel's personal tokens (vcp_): 50 characters and their CRC-32. The other prefixes are not known to carry one. */
export const vercelCrc32: Check = {
  statement: 'CRC-32 checksum matches',
  verify: (token) => (token.startsWith('vcp_') ? prefixed(token, 50) : undefined),
};

/** GitLab's routable tokens, `prefix-payload.vv.ll` + 7: CRC-32 of all before the last 7, in base36, padded. Older tokens have none. */
export const gitlabCrc32: Check = {
  statement: 'CRC-32 checksum matches',
  verify(token) {
    if (!/\.[0-9a-z]{2}\.[0-9a-z]{9}$/.test(token)) return undefined;
    return toDigits(crc32(token.slice(0, -7)), BASE36, 7) === token.slice(-7);
  },
};

/** Grafana's service account tokens, `glsa_` + 32 + `_` + 8 hex digits: CRC-32 of all before the second `_`, its bytes little-endian. */
export const grafanaCrc32: Check = {
  statement: 'CRC-32 checksum matches',
  verify(token) {
    const cut = token.lastIndexOf('_');
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(crc32(token.slice(0, cut)));
    return bytes.toString('hex') === token.slice(cut + 1).toLowerCase();
  },
};
