import { charactersOf } from '../../core/integer-encodings.js';
import type { NumberKernel } from '../../core/kernel.js';
import { NumberSet } from '../../core/number-set.js';
import { isLength, looksRandom, zeroBytes } from '../../core/randomness-test.js';
import type { Piece } from '../../core/run-bytes.js';
import type { TextEncoding } from '../../core/types.js';
import {
  BLOCKS,
  type HmacSecret,
  PAD_DIFFERENCE,
  PAD_ENTRIES,
  plainKey,
  unpad,
  unpadded,
} from './hmac-secret.js';
import type { UntriedPairs } from './pair-trials.js';
import { TEXT, wordAt } from './texts-near-tokens.js';

/**
 * Octets of keys of random bytes: at least as long as the hash (RFC 7518, 3.2), or as long as its block, as
 * .NET generates them.
 */
const LENGTHS = [32, 48, 64, 128] as const;
/** Starts of a key relative to its run: the first word may be lost, or be the hash of a CPython `bytes`. */
const STARTS = [-8, 0, 8] as const;
/**
 * The same for arrays of octets aligned to 4 bytes, directly after their length (V8 with compressed
 * pointers).
 */
const HALF_WORD_STARTS = [-4, 4] as const;
const ALL_STARTS = [...STARTS, ...HALF_WORD_STARTS] as const;
/** Bytes of a word. */
const WORD = 8;
/** Zero bytes of a word that is no part of a random number: one of 60 million has as many. */
const QUIET = 4;
/** Zero bytes among the eight before and after a key at any byte (as in runs/kernel/scalars.as.ts). */
const FRAME = 5;
/** Longest filler of a padded key. */
const MAX_FILLER = 128;
/** Padded keys kept; the rest is reported as skipped. */
const MAX_PADDED_KEYS = 10_000;

/** Decoded texts: possible members `k` of a JSON Web Key (RFC 7518, 6.4.1), or hexadecimal digits. */
export interface SecretSet {
  set: NumberSet;
  reading: TextEncoding;
}

/** Collects possible symmetric keys from the runs. */
export class SecretNumbers {
  readonly #sets: readonly NumberSet[] = LENGTHS.map((length) => new NumberSet(length));
  /** Keys of padded blocks. */
  readonly #pads: HmacSecret[] = [];
  readonly #lengthPrefixed: LengthPrefixedSecrets;
  readonly #kernel: NumberKernel;
  readonly #untried: UntriedPairs;
  readonly #texts: readonly SecretSet[];

  constructor(kernel: NumberKernel, untried: UntriedPairs, texts: readonly SecretSet[] = []) {
    this.#kernel = kernel;
    this.#untried = untried;
    this.#texts = texts;
    this.#lengthPrefixed = new LengthPrefixedSecrets(kernel, untried, LENGTHS);
  }

  add(piece: Piece): void {
    const { at, words, offset, before, after, startsRun } = piece;
    const bytes = this.#kernel.bytes;
    if (startsRun && piece.endsRun) this.#lengthPrefixed.add(piece, ALL_STARTS);
    if (startsRun) {
      this.#addPairs(bytes, piece);
      // Most runs end in words that no random number has.
      const least = zeroBytes(bytes, at - WORD) < QUIET ? -WORD : -WORD / 2;
      const most = zeroBytes(bytes, at + words * WORD) < QUIET ? words * WORD + 2 * WORD : words * WORD;
      for (const set of this.#sets)
        for (const x of ALL_STARTS)
          if (
            x >= least &&
            x + before >= 0 &&
            x + set.size <= Math.min(after, most) &&
            mayBegin(bytes, at, before, x, set.size) &&
            looksRandom(bytes, at + x, set.size) &&
            !set.add(bytes, at + x, offset + x, 0)
          )
            this.#untried.candidate('hmac-keys', offset + x, set.size);
    }
    if (startsRun && piece.endsRun) this.#addFramed(bytes, piece);
    this.#addPads(bytes, piece);
  }

  /** Numbers that are kept, each once for each of its lengths. */
  get size(): number {
    return this.#sets.reduce((sum, { length }) => sum + length, 0);
  }

  /** Keys at any byte, between zeros, that fill their run. */
  #addFramed(bytes: Buffer, { at, words, offset, before, after }: Piece): void {
    for (const set of this.#sets) {
      const slack = words * WORD - set.size;
      // The net misses none of the whole words of a key; the words at its ends have zeros.
      if (slack > WORD || slack < -2 * WORD) continue;
      const last = Math.min(WORD - 1, after - set.size - WORD);
      for (let x = Math.max(1 - WORD, WORD - before); x <= last; x++)
        if (
          x % WORD !== 0 &&
          isFramed(bytes, at + x, set.size) &&
          looksRandom(bytes, at + x, set.size) &&
          !set.add(bytes, at + x, offset + x, 0)
        )
          this.#untried.candidate('hmac-keys', offset + x, set.size);
    }
  }

  /** Every distinct candidate: numbers first, shortest first. */
  *numbers(): Generator<HmacSecret> {
    for (const set of this.#sets)
      for (let i = 0; i < set.length; i++) yield plainKey(set.at(i), set.offset(i));
    yield* this.#lengthPrefixed.all();
    yield* this.#pads;
    // A padded key that fills its block looks like any number.
    for (const set of this.#sets)
      if (BLOCKS.some((block) => block === set.size))
        for (let i = 0; i < set.length; i++) yield* keysOf(set.at(i), set.offset(i));
    for (const { set, reading } of this.#texts) {
      const length = charactersOf(set.size, reading);
      for (let i = 0; i < set.length; i++) {
        const place = { offset: set.offset(i), length, form: 'key' } as const;
        yield { ...place, key: set.at(i), reading };
        // Some programs use the characters themselves as the key, without decoding them.
        yield { ...place, key: Buffer.from(set.at(i).toString(reading)), reading: 'bytes-be' };
      }
    }
  }

  #keepPad(pad: HmacSecret): void {
    if (this.#pads.length < MAX_PADDED_KEYS) this.#pads.push(pad);
    else this.#untried.candidate('hmac-keys', pad.offset, pad.length);
  }

  /** Adjacent padded keys of a key that fills its block: only their constant difference shows them. */
  #addPairs(bytes: Buffer, { at, offset, before, after }: Piece): void {
    for (const x of STARTS)
      for (const block of BLOCKS) {
        if (x + before < 0 || x + 2 * block > after) continue;
        const start = at + x;
        if (!differByPads(bytes, start, block)) continue;
        for (const pad of keysOf(bytes.subarray(start, start + block), offset + x)) this.#keepPad(pad);
      }
  }

  /** Padded keys shorter than the block, whose rest is the byte of the pad. */
  #addPads(bytes: Buffer, { at, words, offset, after }: Piece): void {
    const end = Math.min(words * 8 + 64, after);
    for (const { form, byte, filler } of FILLERS) {
      if (!mayHoldFiller(bytes, at, at + end, byte)) continue;
      let p = bytes.subarray(0, at + end).indexOf(filler, at);
      while (p >= 0) {
        let tail = p;
        const most = Math.min(at + after, p + MAX_FILLER);
        while (tail < most && bytes[tail] === byte) tail++;
        for (const block of BLOCKS) {
          const start = tail - block;
          if (p - start < TEXT.least || start < at - 8 || zeroBytes(bytes, start) > 2) continue;
          const place = { offset: offset + (start - at), length: block, reading: 'bytes-be' } as const;
          this.#keepPad({ ...place, key: unpad(bytes.subarray(start, p), byte), form });
        }
        p = bytes.subarray(0, at + end).indexOf(filler, tail);
      }
    }
  }
}

/** Bytes of a pad alone behind a padded key. */
const FILLERS = PAD_ENTRIES.map(([form, byte]) => ({ form, byte, filler: Buffer.alloc(WORD, byte) }));

/** False if bytes[from, to) have no filler: one has two adjacent bytes of the pad around each eighth byte. */
function mayHoldFiller(bytes: Buffer, from: number, to: number, byte: number): boolean {
  for (let i = from + WORD - 1; i < to; i += WORD)
    if (bytes[i] === byte && (bytes[i - 1] === byte || bytes[i + 1] === byte)) return true;
  return false;
}

/** True if a key of `size` octets may begin `x` bytes from the run's first word at `at`. */
function mayBegin(bytes: Buffer, at: number, before: number, x: number, size: number): boolean {
  if (x % 8 !== 0) return x + before >= 4 && bytes.readUInt32LE(at + x - 4) === size;
  return x <= 0 || isLength(bytes, at - 8, [size]);
}

/** True if both edges of `size` bytes are the edges of zeros, which may end in a tag or a length. */
function isFramed(bytes: Buffer, start: number, size: number): boolean {
  const end = start + size;
  return (
    bytes[start] !== 0 &&
    bytes[end - 1] !== 0 &&
    ((bytes[start - 2]! | bytes[start - 1]!) === 0 || (bytes[end]! | bytes[end + 1]!) === 0) &&
    zeroBytes(bytes, start - WORD) >= FRAME &&
    zeroBytes(bytes, end) >= FRAME
  );
}

/** True if the two blocks at `at` differ by inner and outer pad. */
function differByPads(bytes: Buffer, at: number, block: number): boolean {
  for (let i = at; i < at + block; i++) if ((bytes[i]! ^ bytes[i + block]!) !== PAD_DIFFERENCE) return false;
  return true;
}

const keysOf = (block: Buffer, offset: number): HmacSecret[] =>
  unpadded(block).map((padded) => ({ ...padded, offset, reading: 'bytes-be' }));

/** Octets of a key of unusual length. Usual lengths are found without a header. */
const PREFIXED_LENGTHS = { least: 33, most: 256 };
/** Candidates kept; the rest is reported as skipped. Large cores have some thousand. */
const MAX_KEPT = 10_000;
/** Bytes by which a number may be shorter or longer than its run. */
const EDGE_BYTES = { less: 8, more: 16 };

/**
 * Bytes from the length of an object to its octets: CPython's size before a hash, a 64-bit length, a 32-bit
 * one (V8, JVM).
 */
const AHEAD = [8, 16, 4] as const;

/**
 * Random octets of an unusual length, directly after that length: possible keys of HMAC, which accepts any
 * length (RFC 2104, section 3).
 */
class LengthPrefixedSecrets {
  readonly #kernel: NumberKernel;
  readonly #untried: UntriedPairs;
  readonly #usual: ReadonlySet<number>;
  readonly #found: HmacSecret[] = [];

  constructor(kernel: NumberKernel, untried: UntriedPairs, usual: readonly number[]) {
    this.#kernel = kernel;
    this.#untried = untried;
    this.#usual = new Set(usual);
  }

  /** Adds a piece that is a whole run. */
  add({ at, words, offset, before, after }: Piece, starts: readonly number[]): void {
    const bytes = this.#kernel.bytes;
    const run = words * 8;
    if (run > PREFIXED_LENGTHS.most + EDGE_BYTES.more) return;
    for (const start of starts) {
      if (start + before < 8) continue;
      for (const ahead of AHEAD) {
        const header = at + start - ahead;
        const length = wordAt(bytes, header);
        if (length < PREFIXED_LENGTHS.least || length > PREFIXED_LENGTHS.most || this.#usual.has(length))
          continue;
        if (ahead > 4 && wordAt(bytes, header + 4) !== 0) continue;
        const end = start + length;
        if (end < run - EDGE_BYTES.less || end > Math.min(run + EDGE_BYTES.more, after)) continue;
        if (!looksRandom(bytes, at + start, length)) continue;
        this.#keep(Buffer.from(bytes.subarray(at + start, at + end)), offset + start);
      }
    }
  }

  #keep(key: Buffer, offset: number): void {
    const { length } = key;
    if (this.#found.length < MAX_KEPT) this.#found.push(plainKey(key, offset));
    else this.#untried.candidate('hmac-keys', offset, length);
  }

  all(): readonly HmacSecret[] {
    return this.#found;
  }
}
