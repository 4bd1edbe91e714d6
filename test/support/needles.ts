import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

/** One form of a secret, byte for byte. */
export interface Needle {
  /** Name of the secret: `rsa`, `token`. */
  secret: string;
  /** Name of the form: `pem pkcs8 utf16`. */
  form: string;
  bytes: Buffer;
}

/** A needle at a file offset. */
export interface Sighting extends Needle {
  offset: number;
}

/**
 * UTF-8, and UTF-16 in this machine's byte order, which its processes use. (After a NUL, every little-endian
 * text also reads as a big-endian one a byte earlier, so a search for both orders would find it twice.)
 */
export function textNeedles(secret: string, form: string, text: string): Needle[] {
  const wide = Buffer.from(text, 'utf16le');
  return [
    { secret, form, bytes: Buffer.from(text) },
    { secret, form: `${form} utf16`, bytes: endianness() === 'LE' ? wide : wide.swap16() },
  ];
}

function isDer(type: string, key: KeyObject): boolean {
  return (
    type === 'pkcs8' ||
    (type === 'pkcs1' && key.asymmetricKeyType === 'rsa') ||
    (type === 'sec1' && key.asymmetricKeyType === 'ec')
  );
}

/**
 * Every whole form of a private key written by node:crypto: DER, PEM (also JSON-escaped, and with CRLF),
 * base64, JWK.
 */
export function keyNeedles(secret: string, key: KeyObject): Needle[] {
  const forms = (['pkcs8', 'pkcs1', 'sec1'] as const).filter((type) => isDer(type, key));
  const encoded = forms.flatMap((type) => {
    const options = { type: type as 'pkcs8' };
    const der = key.export({ ...options, format: 'der' });
    const pem = key
      .export({ ...options, format: 'pem' })
      .toString()
      .trim();
    return [
      { secret, form: `der ${type}`, bytes: der },
      ...textNeedles(secret, `pem ${type}`, pem),
      ...textNeedles(secret, `pem ${type} escaped`, pem.replaceAll('\n', '\\n')),
      ...textNeedles(secret, `pem ${type} crlf`, pem.replaceAll('\n', '\r\n')),
      ...textNeedles(secret, `base64 ${type}`, der.toString('base64')),
    ];
  });
  const jwk = JSON.stringify(key.export({ format: 'jwk' }));
  return [...encoded, ...textNeedles(secret, 'jwk', jwk)];
}

const PIECE = 256 * 1024;

/** Positions of `needle` that begin in the first `to` bytes. */
function indexesOf(bytes: Buffer, needle: Buffer, to: number): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(needle); at !== -1 && at < to; at = bytes.indexOf(needle, at + 1))
    found.push(at);
  return found;
}

/** Keeps the outer of two nested forms (PKCS#1 in PKCS#8). */
function outermost(sightings: readonly Sighting[]): Sighting[] {
  const sorted = [...sightings].sort((a, b) => a.offset - b.offset || b.bytes.length - a.bytes.length);
  const kept: Sighting[] = [];
  let end = 0;
  for (const sighting of sorted) {
    const last = kept.at(-1);
    const inside = last !== undefined && sighting.offset + sighting.bytes.length <= end;
    if (inside && last.secret === sighting.secret) continue;
    kept.push(sighting);
    end = sighting.offset + sighting.bytes.length;
  }
  return kept;
}

/** Every position of every needle in a file by plain byte comparison: the oracle of the end-to-end tests. */
export function bruteForce(path: string, needles: readonly Needle[]): Sighting[] {
  const overlap = Math.max(...needles.map((needle) => needle.bytes.length)) - 1;
  const zeros = Buffer.alloc(PIECE + overlap);
  const piece = Buffer.alloc(PIECE + overlap);
  const fd = openSync(path, 'r');
  try {
    const size = fstatSync(fd).size;
    const found: Sighting[] = [];
    for (let base = 0; base < size; base += PIECE) {
      const bytes = piece.subarray(0, readSync(fd, piece, 0, piece.length, base));
      if (bytes.equals(zeros.subarray(0, bytes.length))) continue;
      for (const needle of needles) {
        const offsets = indexesOf(bytes, needle.bytes, PIECE);
        found.push(...offsets.map((offset) => ({ ...needle, offset: base + offset })));
      }
    }
    return outermost(found);
  } finally {
    closeSync(fd);
  }
}
