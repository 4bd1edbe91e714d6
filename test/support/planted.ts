import type { KeyObject } from 'node:crypto';

/** A secret planted by a test, as the pieces of text that no output may contain. */
export interface Planted {
  /** Where it was planted, for the failure message; never the secret. */
  place: string;
  pieces: ReadonlySet<string>;
}

/**
 * Shorter pieces would match by chance or appear in a preview (an issuer's prefix, the last four characters).
 */
const PIECE = 10;

function windows(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - PIECE + 1) }, (_, i) => text.slice(i, i + PIECE));
}

/**
 * Base64 of `bytes` in each of its three alignments, without the characters that neighbouring bytes share.
 */
function base64Alignments(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(shift === 0 ? 0 : shift + 1, -2);
  });
}

function everyText(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  const base64 = base64Alignments(bytes);
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [hex, hex.toUpperCase(), ...base64, ...base64url];
}

/** A token: `prefix` may be shown, the rest in no encoding. */
export function plantedToken(place: string, token: string, prefix: string): Planted {
  const body = token.slice(prefix.length);
  const bytes = Buffer.from(body);
  return { place, pieces: new Set([body, ...everyText(bytes)].flatMap(windows)) };
}

/** An EC or OKP private key: its scalar or seed may not be shown (the public half may). */
export function plantedKey(place: string, key: KeyObject): Planted {
  const secret = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
  return { place, pieces: new Set([secret.toString('latin1'), ...everyText(secret)].flatMap(windows)) };
}

/** Index by the first characters of a piece: most of a text needs no comparison with the pieces. */
const HEADS = 1 << 16;
const head = (text: string, at: number): number =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 4) ^ (text.charCodeAt(at + 2) << 8)) & (HEADS - 1);

/**
 * Places whose secret is partly or wholly in `text`: read as UTF-8 or Latin-1, and with NULs removed
 * (UTF-16).
 */
export function leaks(planted: readonly Planted[], text: string): string[] {
  const heads = new Uint8Array(HEADS);
  for (const { pieces } of planted) for (const piece of pieces) heads[head(piece, 0)] = 1;
  const seen = new Set<string>();
  for (const reading of [text, text.replaceAll('\0', '')])
    for (let at = 0; at + PIECE <= reading.length; at++)
      if (heads[head(reading, at)] === 1) seen.add(reading.slice(at, at + PIECE));
  return planted
    .filter(({ pieces }) => [...pieces].some((piece) => seen.has(piece)))
    .map(({ place }) => place);
}
