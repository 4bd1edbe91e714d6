import type { NamedPassword, Wanted } from './named.js';

/**
 * `user:password` in base64: the header `Authorization: Basic` (RFC 7617), `auth` of Docker's config.json,
 * `_auth` of .npmrc, and `AUTH PLAIN` of mail.
 */

/** True for the anchors before base64, of which `authtok` is none. */
export const isBasic = (anchor: string): boolean => /auth(?!tok)|basic/i.test(anchor);

/** Characters of the base64 text. */
export const BASIC_MAX = 400;
const BASE64 = `([A-Za-z0-9+/]{8,${BASIC_MAX}}={0,2})(?![A-Za-z0-9+/=])`;

/** Text after the anchor: `Basic `, `"auth`, `_auth=`. */
const VALUE = new RegExp(`^(?:\\\\?" {0,4}: {0,4}\\\\?"|["' ]{0,2})${BASE64}`, 'd');

/** Printable, with a user and a password; in SASL PLAIN (RFC 4616) after an identity and NUL. */
const CREDENTIALS =
  /^(?:[\x20-\x39\x3b-\x7e]{0,128}:|[\x20-\x7e]{0,128}\0[\x20-\x7e]{1,128}\0)([\x20-\x7e]{3,})$/;

/** The credentials after the anchor that ends at `to`. */
export function basicAt(text: string, to: number, { shapes }: Wanted): NamedPassword | undefined {
  if (!shapes.has('basic')) return undefined;
  const match = VALUE.exec(text.slice(to, to + BASIC_MAX + 16));
  if (match === null) return undefined;
  const password = CREDENTIALS.exec(Buffer.from(match[1]!, 'base64').toString('latin1'))?.[1];
  if (password === undefined) return undefined;
  const [start, end] = match.indices![1]!.map((index) => to + index) as [number, number];
  const evidence = 'decodes to a user and a password';
  return { start, end, password, place: 'certain', words: true, evidence };
}
