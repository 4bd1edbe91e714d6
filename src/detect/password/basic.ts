import type { Found, Wanted } from './named.js';

/**
 * `user:password` in base64: the header `Authorization: Basic` (RFC 7617), `auth` of Docker's config.json and
 * `_auth` of .npmrc.
 */

/** Characters of the base64 text. */
export const BASIC_MAX = 400;
const BASE64 = `([A-Za-z0-9+/]{8,${BASIC_MAX}}={0,2})(?![A-Za-z0-9+/=])`;

/** Of the text after the anchor. */
const VALUES = [
  new RegExp(`^${BASE64}`, 'd'),
  new RegExp(`^ {0,4}: {0,4}\\\\?"${BASE64}\\\\?"`, 'd'),
  new RegExp(`^ {0,4}= {0,4}"?${BASE64}`, 'd'),
];

/** Printable, with a user and a password. */
const CREDENTIALS = /^[\x20-\x39\x3b-\x7e]{0,128}:([\x20-\x7e]{3,})$/;

/** The credentials after the anchor that ends at `to`. */
export function basicAt(text: string, to: number, { shapes }: Wanted): Found | undefined {
  if (!shapes.has('basic')) return undefined;
  const rest = text.slice(to, to + BASIC_MAX + 16);
  for (const pattern of VALUES) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    const decoded = Buffer.from(match[1]!, 'base64').toString('latin1');
    const password = CREDENTIALS.exec(decoded)?.[1];
    if (password === undefined) return undefined;
    const [start, end] = match.indices![1]!.map((index) => to + index) as [number, number];
    const evidence = 'decodes to a user and a password';
    return { start, end, password, place: 'certain', words: true, evidence };
  }
  return undefined;
}
