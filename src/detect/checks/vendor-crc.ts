import { BASE36, BASE62, toDigits } from './decimal-digits.js';
import type { Check } from './types.js';

/** Tokens that end with a CRC-32 of the rest (docs/rules.md). */

const CRC_DIGITS = 6;

const crc32Check = (verify: Check['verify']): Check => ({ statement: 'CRC-32 checksum matches', verify });

/** `prefix_` + body + 6 digits: CRC-32 of the body alone in base62. */
function prefixed(token: string, bodyLength: number): boolean | undefined {
  const body = token.slice(token.indexOf('_') + 1);
  if (body.length !== bodyLength + CRC_DIGITS) return undefined;
  return toDigits(crc32(body.slice(0, bodyLength)), BASE62, CRC_DIGITS) === body.slice(bodyLength);
}

/** Classic tokens of GitHub, and npm: 30 characters and their CRC-32. */
export const githubCrc32 = crc32Check((token) => prefixed(token, 30));

/** Personal tokens of Vercel (vcp_): 50 characters and their CRC-32; other prefixes have no known one. */
export const vercelCrc32 = crc32Check((token) =>
  token.startsWith('vcp_') ? prefixed(token, 50) : undefined,
);

/** Routable tokens of GitLab, `prefix-payload.vv.ll` + 7 digits: CRC-32 of the rest in base36. */
export const gitlabCrc32 = crc32Check((token) => {
  if (!/\.[0-9a-z]{2}\.[0-9a-z]{9}$/.test(token)) return undefined;
  return toDigits(crc32(token.slice(0, -7)), BASE36, 7) === token.slice(-7);
});

/** Grafana, `glsa_` + 32 + `_` + 8 hex digits: little-endian CRC-32 of all before the last `_`. */
export const grafanaCrc32 = crc32Check((token) => {
  const cut = token.lastIndexOf('_');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(token.slice(0, cut)));
  return bytes.toString('hex') === token.slice(cut + 1).toLowerCase();
});

/**
 * Tokens of Matrix, `syt_name_random_` + 6 digits: CRC-32 of all before the last `_` in base62. Tokens of the
 * authentication service (`mat_` and others) have the least significant digit first. Sources:
 * element-hq/synapse, synapse/handlers/auth.py; element-hq/matrix-authentication-service.
 */
export const matrixCrc32 = crc32Check((token) => {
  const cut = token.lastIndexOf('_');
  const digits = toDigits(crc32(token.slice(0, cut)), BASE62, CRC_DIGITS);
  const written = token.startsWith('m') ? [...digits].reverse().join('') : digits;
  return written === token.slice(cut + 1);
});

/** CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320), since node:zlib has none before Node 22.2. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 of a text of one character per byte, unsigned. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ text.charCodeAt(i)) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
