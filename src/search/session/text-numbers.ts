import { PAGE } from '../../base/bytes/storage.js';
import type { Extent } from '../../model/report.js';
import { hexIn } from '../../runs/hex.js';
import { hasLengthBefore, LONGEST_TEXT, memberIn, RSA_OCTETS, TEXT_MARGINS } from '../../runs/texts.js';
import { INTEGER_ENCODINGS, lowWord, TEXT_ENCODINGS, toNumber } from '../core/integer-encodings.js';
import { NumberSet } from '../core/number-set.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { Place } from '../core/types.js';
import { type CurveNumbers, padToWords } from '../curves/curve-numbers.js';
import { SIZES as SIZES_448, type Text448 } from '../curves/curve448.js';
import type { PointSearch } from '../curves/points.js';
import type { SecretSet } from '../hmac/secret-numbers.js';
import type { RsaText } from '../rsa/rsa-texts.js';
import type { RsaWindows } from '../rsa/rsa-windows.js';

/** Memory for RSA numbers, each with its overhead in bytes: enough for 15,000 keys of 2,048 bits. */
const ROOM = 32 << 20;
const OVERHEAD = 320;
/** Texts of Ed448's and X448's sizes. */
const MOST_448 = 16_384;
/**
 * Pairs of equal characters among 75 or 76 random ones of 64: mean 45, standard deviation 6.6. Mangled names
 * have 80 to 300.
 */
const MOST_EQUAL = 74;
/**
 * Octets of the longest random HMAC key (RFC 7518, 3.2); keys of 32 and 48 octets may be of a curve as well.
 */
const SECRET = 64;
const SHORT_SECRETS = [32, 48] as const;
/** Octets of a point without its leading form octet, as Ethereum writes it. */
const BARE_POINT = 64;
const UNCOMPRESSED = Buffer.of(4);
/** By the leading form octet (SEC 1, 2.3.3), octets of a point on a curve of 256 or 384 bits. */
const POINT_FORMS = new Map([
  [2, [33, 49]],
  [3, [33, 49]],
  [4, [65, 97]],
]);
/** Cost of a square root, in sides of a curve's equation. */
const SQUARE_ROOT = 700;
const BASE64URL = INTEGER_ENCODINGS.indexOf('base64url');

interface Parts {
  bytes: RunBytes;
  curves: CurveNumbers;
  points: PointSearch;
  windows: RsaWindows;
}

/** Bytes that {@link TextNumbers} reads for a run, or for a fragment of one. */
export function textExtents(offset: number, run: number): Extent[] {
  const from = Math.max(0, offset - TEXT_MARGINS.before);
  return run < LONGEST_TEXT ? [{ offset: from, length: offset - from + run + TEXT_MARGINS.behind }] : [];
}

/** Canonical base64url with as few equal characters as random octets have. */
const isRandom448 = (text: string, octets: Buffer): boolean =>
  equalPairs(text) <= MOST_EQUAL && octets.toString('base64url') === text;

function equalPairs(text: string): number {
  const counts = new Map<string, number>();
  let pairs = 0;
  for (const character of text) {
    const count = counts.get(character) ?? 0;
    pairs += count;
    counts.set(character, count + 1);
  }
  return pairs;
}

/**
 * Numbers in texts: members of JSON Web Keys in strings of their own, and hexadecimal text. Each goes to
 * every search of its size; only arithmetic distinguishes n, p, q, d, dp and dq, or coordinates, scalars and
 * seeds.
 */
export class TextNumbers {
  readonly rsa: RsaText[] = [];
  readonly curve448: Text448[] = [];
  readonly #secrets = new NumberSet(SECRET);
  readonly #bytes: RunBytes;
  readonly #curves: CurveNumbers;
  readonly #points: PointSearch;
  readonly #windows: RsaWindows;
  readonly #skippedWork: SkippedWork;
  readonly #offsets = new Set<number>();
  #room = ROOM;
  #pages: { offset: number; bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };

  constructor({ bytes, curves, points, windows }: Parts, skippedWork: SkippedWork) {
    this.#bytes = bytes;
    this.#curves = curves;
    this.#points = points;
    this.#windows = windows;
    this.#skippedWork = skippedWork;
  }

  /** A run of base64url characters, hexadecimal digits included. */
  add(start: number, run: number): void {
    if (run >= LONGEST_TEXT) return;
    const before = Math.min(TEXT_MARGINS.before, start);
    const bytes = this.#read(start - before, before + run + TEXT_MARGINS.behind);
    const member = memberIn(bytes, before, run);
    if (member === undefined) {
      const hex = hexIn(bytes, before, run);
      if (hex) this.#addHex(bytes.subarray(before + hex.skip), start + hex.skip, hex.length);
      return;
    }
    const { skip, length } = member;
    const [at, offset] = [before + skip, start + skip];
    const text = bytes.toString('latin1', at, at + length);
    const octets = Buffer.from(text, 'base64url');
    this.#curves.addText(octets, offset, 'base64url', hasLengthBefore(bytes, at, length));
    if (SIZES_448.includes(octets.length) && isRandom448(text, octets))
      this.#add448({ place: { offset, length, reading: 'base64url' }, octets });
    if (octets.length === SECRET && !this.#secrets.add(octets, 0, offset, 0)) this.#skip(offset, length);
    if (RSA_OCTETS.includes(octets.length) || RSA_OCTETS.includes(octets.length + 1))
      this.#addRsa(padToWords(octets), { offset, length, reading: 'base64url' });
  }

  /** Texts come in file order, so most of a flood are in the pages already read. */
  #read(offset: number, length: number): Buffer {
    const [from, to] = [offset, offset + length].map((at) => at - this.#pages.offset) as [number, number];
    if (from >= 0 && to <= this.#pages.bytes.length) return this.#pages.bytes.subarray(from, to);
    const start = Math.floor(offset / PAGE) * PAGE;
    const pages = Math.ceil((offset + length - start) / PAGE);
    this.#pages = { offset: start, bytes: this.#bytes.read(start, pages * PAGE) };
    return this.#pages.bytes.subarray(offset - start, offset - start + length);
  }

  /** Texts of 64 octets: possibly signatures r‖s on curves of 256 bits (RFC 7518, 3.4). */
  get signatures(): NumberSet {
    return this.#secrets;
  }

  /** Possible HMAC keys. */
  secrets(): SecretSet[] {
    const short = TEXT_ENCODINGS.flatMap((reading) =>
      SHORT_SECRETS.map((size) => ({ set: this.#curves.texts[reading].get(size)!, reading })),
    );
    return [...short, { set: this.#secrets, reading: 'base64url' }];
  }

  /** A number or a point. */
  #addHex(bytes: Buffer, offset: number, length: number): void {
    const octets = Buffer.from(bytes.toString('latin1', 0, length), 'hex');
    if (octets.length === BARE_POINT) this.#points.addEncoded(Buffer.concat([UNCOMPRESSED, octets]));
    else if (octets.length % 2 === 0) this.#curves.addText(octets, offset, 'hex', true);
    // Signed integers have a zero octet before a set top bit (X.690, 8.3).
    else if (octets[0] === 0) this.#curves.addText(octets.subarray(1), offset + 2, 'hex', true);
    else if (POINT_FORMS.get(octets[0]!)?.includes(octets.length) && !this.#points.addEncoded(octets))
      this.#skipPoint(offset, length);
  }

  #add448(text: Text448): void {
    if (this.curve448.length < MOST_448) this.curve448.push(text);
    else this.#skip(text.place.offset, text.place.length);
  }

  #addRsa(octets: Buffer, place: Place & { reading: 'base64url' }): void {
    const { offset, length } = place;
    // The sweep reads a misaligned segment twice, in file and in memory alignment.
    if (this.#offsets.has(offset)) return;
    this.#room -= octets.length + OVERHEAD;
    if (this.#room < 0) {
      this.#skip(offset, length);
      return;
    }
    this.#offsets.add(offset);
    this.rsa.push({ ...place, octets });
    const fills = octets[0]! >> 7 === 1 && (octets.at(-1)! & 1) === 1;
    if (!fills) return;
    const value = toNumber(octets, 'bytes-be');
    if (mayBePrime(value)) this.#windows.keep(octets.length / 8, offset, BASE64URL, lowWord(value));
  }

  #skipPoint(offset: number, length: number): void {
    const left = { target: 'any', left: 1, work: SQUARE_ROOT } as const;
    this.#skippedWork.add('ec-points', left, 'compressed points were not tried', offset, offset + length);
  }

  #skip(offset: number, length: number): void {
    const what = 'members of JSON Web Keys were not kept';
    this.#skippedWork.add('texts', { target: 'any', left: 1 }, what, offset, offset + length);
  }
}
