import { PAGE } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { RecordList } from '../../sweep/runs/records.js';
import {
  decodeText,
  memberLength,
  octetsOf,
  type TextKind,
  TextReader,
  type TextRecord,
} from '../../sweep/runs/text-records.js';
import { LONGEST_TEXT, RSA_OCTETS, TEXT_MARGINS } from '../../sweep/runs/texts.js';
import { INTEGER_ENCODINGS, lowWord, TEXT_ENCODINGS, toNumber } from '../core/integer-encodings.js';
import { NumberSet } from '../core/number-set.js';
import { mayBePrime } from '../core/product-tree.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { FilePlace } from '../core/types.js';
import { SIZES as SIZES_448, type Text448 } from '../curves/edwards/curve448.js';
import type { CurveNumbers } from '../curves/numbers/curve-numbers.js';
import type { PointSearch } from '../curves/points/points.js';
import type { RsaText } from '../rsa/rsa-request.js';
import type { RsaWindows } from '../rsa/rsa-windows.js';
import type { SecretSet } from '../secrets/hmac/secret-numbers.js';

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
/** What a member of a size may be besides a number of a curve, by its octets. */
const [CURVES_448, RSA, OTHER] = [1, 2, 4];
const SEARCHES_BY_SIZE = new Uint8Array(1 + Math.max(...RSA_OCTETS));
for (const size of RSA_OCTETS) for (const octets of [size - 1, size]) SEARCHES_BY_SIZE[octets]! |= RSA;
for (const size of SIZES_448) SEARCHES_BY_SIZE[size]! |= CURVES_448;
SEARCHES_BY_SIZE[SECRET]! |= OTHER;
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

const counts = new Uint8Array(64);

/** As few pairs of equal characters in base64url as random octets have. */
function isRandom448(octets: Buffer): boolean {
  counts.fill(0);
  let pairs = 0;
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = ((value & 63) << 8) | octet;
    for (bits += 8; bits >= 6; ) {
      bits -= 6;
      pairs += counts[(value >>> bits) & 63]!++;
    }
  }
  if (bits > 0) pairs += counts[(value << (6 - bits)) & 63]!++;
  return pairs <= MOST_EQUAL;
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
  readonly #records = new RecordList();
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
    this.#records.clear();
    decodeText(bytes, before, run, start, this.#records);
    if (this.#records.length > 0) this.take(new TextReader(this.#records.finish()));
  }

  /** Numbers of the texts that begin before `limit`. */
  take(records: TextReader, limit = Number.POSITIVE_INFINITY): void {
    records.takeTo(limit, this.#take);
  }

  readonly #take = (record: TextRecord): void => this.#takers[record.kind](record);

  readonly #takers: Record<TextKind, (record: TextRecord) => void> = {
    member: (record) => this.#addMember(record),
    hex: (record) => this.#curves.addText(record, 'hex'),
    point: (record) => this.#points.add(record),
    compressed: (record) => {
      const { offset, size, detail } = record;
      if (!this.#points.addEncoded(Buffer.concat([Buffer.of(detail), octetsOf(record)]), offset))
        this.#skipPoint(offset, 2 * (1 + size));
    },
  };

  #addMember(record: TextRecord): void {
    const { size, offset, words, at } = record;
    this.#curves.addText(record, 'base64url');
    const searches = SEARCHES_BY_SIZE[size]!;
    if (searches === 0) return;
    const length = memberLength(size);
    if (searches & CURVES_448 && isRandom448(octetsOf(record)))
      this.#add448({
        place: { offset, length, reading: 'base64url' },
        octets: Buffer.from(octetsOf(record)),
      });
    if (size === SECRET && !this.#secrets.addWords(words, at / 4, offset, 0, 0)) this.#skip(offset, length);
    if (searches & RSA) this.#addRsa(record, { offset, length, reading: 'base64url' });
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

  #add448(text: Text448): void {
    if (this.curve448.length < MOST_448) this.curve448.push(text);
    else this.#skip(text.place.offset, text.place.length);
  }

  #addRsa({ bytes, at, width }: TextRecord, place: FilePlace & { reading: 'base64url' }): void {
    const { offset, length } = place;
    // The sweep reads a misaligned segment twice, in file and in memory alignment.
    if (this.#offsets.has(offset)) return;
    this.#room -= width + OVERHEAD;
    if (this.#room < 0) {
      this.#skip(offset, length);
      return;
    }
    this.#offsets.add(offset);
    const octets = Buffer.from(bytes.subarray(at, at + width));
    this.rsa.push({ ...place, octets });
    const fills = octets[0]! >> 7 === 1 && (octets.at(-1)! & 1) === 1;
    if (!fills) return;
    const value = toNumber(octets, 'bytes-be');
    if (mayBePrime(value)) this.#windows.keep(octets.length / 8, offset, BASE64URL, lowWord(value));
  }

  #skipPoint(offset: number, length: number): void {
    const left = { target: 'any', left: 1 } as const;
    this.#skippedWork.add('ec-points', left, 'compressed points were not tried', offset, offset + length);
  }

  #skip(offset: number, length: number): void {
    const what = 'members of JSON Web Keys were not kept';
    this.#skippedWork.add('texts', { target: 'any', left: 1 }, what, offset, offset + length);
  }
}
