import { type ByteReader, PAGE } from '../../base/bytes/storage.js';
import { Pace, type Pausing } from '../../base/runtime/turns.js';
import type { SkippedWork } from '../core/skipped-work.js';
import { BLOCKS, paddedTexts, padPairs } from './hmac-pads.js';
import { type HmacSecret, plainKey } from './hmac-secret.js';
import { namedSecrets, type SecretName, secretNames } from './named-secrets.js';
import { followsQuietWord, lengthBefore, lengthsInChunk, MAX_EXTRA_BYTES, TEXT } from './text-headers.js';
import type { UntriedPairs } from './untried-pairs.js';

/** Bytes read at a time, and the context read before and after them. */
const BLOCK = 1 << 20;
const BEFORE = BLOCKS[1];
const AFTER = 2 * TEXT.most;
/** Names with `secret` in them whose values are tried, 15 us each: dumps have some thousand. */
const MAX_NAMES = 1 << 16;

/** Texts between two pauses. */
const PACE = 64;

/** Prefix of mangled C++ names, which look random. */
const MANGLED = Buffer.from('_Z');

/**
 * How a text was found: as the value of a name with `secret` in it, as the value of any variable of an
 * environment, by its random look, or by the header before it alone.
 */
export type TextSource = 'named' | 'assigned' | 'random' | 'words';

export interface FoundText {
  candidate: HmacSecret;
  source: TextSource;
}

/**
 * Texts anywhere in the artifact that may be secrets of tokens: 16 to 256 printable bytes that follow a quiet
 * word or their own length, are the value of a variable, or look random at an aligned address (also shorter
 * prefixes that fit an allocator's chunk). Random-looking texts are given decoded too.
 */
export class SecretTexts {
  readonly #reader: ByteReader;
  readonly #skippedWork: SkippedWork;
  readonly #untried: UntriedPairs;
  readonly #all: boolean;
  readonly #pace = new Pace(PACE);
  #names = 0;
  readonly #block = Buffer.alloc(BEFORE + BLOCK + AFTER);

  /** `all`: also read bytes that are not cached and must be decompressed again. */
  constructor(reader: ByteReader, skippedWork: SkippedWork, untried: UntriedPairs, all: boolean) {
    this.#reader = reader;
    this.#skippedWork = skippedWork;
    this.#untried = untried;
    this.#all = all;
  }

  /** Texts in file order, block by block. */
  *texts(): Pausing<FoundText> {
    const { length } = this.#reader;
    for (let from = 0; from < length; ) {
      const to = this.#cachedEnd(from);
      if (to > from) yield* this.#between(from, to);
      from = to;
      while (from < length && this.#cachedEnd(from) === from) from = Math.min(length, nextPage(from));
      if (from > to)
        this.#skippedWork.add(
          'hmac-pages',
          { target: 'blind', left: from - to },
          'bytes were not read again for texts that may be keys of tokens',
          to,
          from,
          'they were decoded once and not kept',
        );
    }
  }

  /** End of the cached bytes from `from` on. */
  #cachedEnd(from: number): number {
    const reader = this.#reader;
    const near = this.#all ? undefined : reader.near?.(from, reader.length - from);
    return near === undefined ? reader.length : from + near;
  }

  /** Texts in [from, to), block by block. */
  *#between(from: number, to: number): Pausing<FoundText> {
    for (let start = from; start < to; start += BLOCK) {
      const first = Math.max(from, start - BEFORE);
      const last = Math.min(to, start + BLOCK + AFTER);
      const read = this.#reader.read(first, this.#block.subarray(0, last - first));
      const bytes = this.#block.subarray(0, read);
      const place = { base: first, end: first + read === this.#reader.length };
      const end = Math.min(read, start - first + BLOCK);
      yield* this.#paced(this.#inBlock(bytes, start - first, end, place));
      yield* this.#paced(this.#valuesOf(bytes, start - first, end, first));
      yield;
      for (const { at, ...padded } of paddedTexts(bytes, start - first, end))
        yield random({ ...padded, offset: first + at, reading: 'bytes-be' });
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, read >> 2);
      for (const { at, ...padded } of padPairs(words, (start - first) >> 2, end >> 2))
        yield random({ ...padded, offset: first + at, reading: 'bytes-be' });
      if (read < last - first) return;
    }
  }

  *#paced(texts: Iterable<FoundText>): Pausing<FoundText> {
    for (const text of texts) {
      yield text;
      if (this.#pace.isDue()) yield;
    }
  }

  /** Values of variables named "secret", whatever they look like. */
  *#valuesOf(bytes: Buffer, from: number, to: number, base: number): Generator<FoundText> {
    const names = this.#namesIn(bytes, from, to, base);
    for (const { text, at, length } of namedSecrets(bytes, names))
      for (const candidate of readingsOf(text, base + at))
        yield { candidate: { ...candidate, length }, source: 'named' };
  }

  /** Marks of names, within the budget. */
  *#namesIn(bytes: Buffer, from: number, to: number, base: number): Generator<SecretName> {
    for (const name of secretNames(bytes, from, to))
      if (this.#all || this.#names++ < MAX_NAMES) yield name;
      else this.#untried.candidate('hmac-texts', base + name.at, 1);
  }

  /** Texts that begin in bytes[from, to). `end`: the bytes end with the file, which ends a text too. */
  *#inBlock(
    bytes: Buffer,
    from: number,
    to: number,
    { base, end }: { base: number; end: boolean },
  ): Generator<FoundText> {
    let at = from;
    // A text that began earlier has been handled with its block, or has lost its beginning.
    if (base + from > 0 && (from === 0 || KINDS[bytes[from - 1]!] !== 0)) at = endOf(bytes, from);
    while (at < to) {
      // No text of the least length begins before the byte that ends this one.
      const probe = at + TEXT.least - 1;
      if (probe >= bytes.length) return;
      if (KINDS[bytes[probe]!] === 0) {
        at = probe + 1;
        continue;
      }
      let start = probe;
      while (start > at && KINDS[bytes[start - 1]!] !== 0) start--;
      if (start >= to) return;
      const stop = endOf(bytes, probe);
      at = stop + 1;
      const run = stop - start;
      if (run < TEXT.least || run > TEXT.most + 2 * MAX_EXTRA_BYTES || (stop === bytes.length && !end))
        continue;
      yield* this.#inRun(bytes, start, run, base);
    }
  }

  *#inRun(bytes: Buffer, start: number, run: number, base: number): Generator<FoundText> {
    for (let skip = 0; skip <= MAX_EXTRA_BYTES && run - skip >= TEXT.least; skip++) {
      const length = lengthBefore(bytes, start + skip, run - skip);
      if (length > 0 && length <= TEXT.most) {
        yield* this.#take(bytes, start + skip, length, base, true);
        if (skip === 0) return;
        // A character after zeros, before the text, may pass for such a length.
        break;
      }
    }
    if (run <= TEXT.most) yield* this.#take(bytes, start, run, base, followsQuietWord(bytes, start));
    for (const length of lengthsInChunk(bytes, start, run))
      yield* this.#take(bytes, start, length, base, false);
    const name = nameBefore(bytes, start, run);
    if (name > 0 && run - name >= TEXT.least && run - name <= TEXT.most)
      yield* assigned(bytes.toString('latin1', start + name, start + run), base + start + name);
  }

  *#take(bytes: Buffer, at: number, length: number, base: number, begins: boolean): Generator<FoundText> {
    const offset = base + at;
    if (!begins && offset % 8 !== 0) return;
    const look = classify(bytes, at, length);
    if (look === 'plain') return;
    const likely = look === 'random' && bytes.compare(MANGLED, 0, 2, at, at + 2) !== 0;
    if (!likely && !begins) return;
    const text = bytes.toString('latin1', at, at + length);
    if (likely) for (const candidate of readingsOf(text, offset)) yield random(candidate);
    else yield { candidate: textKey(text, offset), source: 'words' };
  }
}

const random = (candidate: HmacSecret): FoundText => ({ candidate, source: 'random' });

/** The characters as a key, and the octets that they encode. */
function* readingsOf(text: string, offset: number): Generator<HmacSecret> {
  yield textKey(text, offset);
  yield* octetsOf(text, offset);
}

function* assigned(text: string, offset: number): Generator<FoundText> {
  for (const candidate of readingsOf(text, offset)) yield { candidate, source: 'assigned' };
}

const nextPage = (offset: number): number => (Math.floor(offset / PAGE) + 1) * PAGE;

function endOf(bytes: Buffer, from: number): number {
  let end = from;
  while (end < bytes.length && KINDS[bytes[end]!] !== 0) end++;
  return end;
}

/** A text whose characters are the key. */
const textKey = (text: string, offset: number): HmacSecret => plainKey(Buffer.from(text, 'latin1'), offset);

/** Encodings of octets as text, and their decoders: undefined if the text is not valid. */
const WRITTEN: readonly [HmacSecret['reading'], (text: string) => Buffer | undefined][] = [
  ['base64url', (text) => exactly(text, 'base64url', (written) => written)],
  ['base64', (text) => (/[+/=]/.test(text) ? exactly(text, 'base64', unfilled) : undefined)],
  ['hex', (text) => exactly(text.toLowerCase(), 'hex', (written) => written)],
];

/** Octets that the text encodes, in each encoding that fits. */
function* octetsOf(text: string, offset: number): Generator<HmacSecret> {
  for (const [reading, written] of WRITTEN) {
    const octets = written(text);
    if (octets !== undefined && octets.length >= TEXT.least)
      yield { ...textKey(text, offset), key: octets, reading };
  }
}

const unfilled = (text: string): string => text.replace(/=+$/, '');

function exactly(
  text: string,
  encoding: 'base64url' | 'base64' | 'hex',
  form: (text: string) => string,
): Buffer | undefined {
  const octets = Buffer.from(text, encoding);
  return form(octets.toString(encoding)) === form(text) ? octets : undefined;
}

/** Least distinct bytes of a secret: text with fewer is a ruler, a pattern or filler. */
const MIN_DISTINCT = 8;

const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;
const OTHER = 4;
/** Kind of each printable character; 0 for others. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte >= 0x7f) return 0;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  const letter = byte & 0xdf;
  return letter < 0x41 || letter > 0x5a ? OTHER : byte === letter ? UPPER : LOWER;
});

const LONGEST_NAME = 64;
const UNDERSCORE = 0x5f;
const EQUALS = 0x3d;

/** Length of a variable's name with its equals sign, as in an environment, or 0. */
function nameBefore(bytes: Buffer, at: number, run: number): number {
  for (let i = 0; i < Math.min(run, LONGEST_NAME); i++) {
    const byte = bytes[at + i]!;
    if (byte === EQUALS) return i === 0 ? 0 : i + 1;
    if (KINDS[byte] === OTHER && byte !== UNDERSCORE) return 0;
  }
  return 0;
}

const seen = new Uint32Array(256);
let generation = 0;

/**
 * Classifies a text: too uniform for a secret, like names or sentences, or like randomly drawn characters.
 */
function classify(bytes: Buffer, at: number, length: number): 'plain' | 'words' | 'random' {
  generation = (generation + 1) >>> 0;
  let [distinct, digits, letters, turns] = [0, 0, 0, 0];
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    const kind = KINDS[byte]!;
    if (seen[byte] !== generation) distinct++;
    seen[byte] = generation;
    if (kind === DIGIT) digits++;
    else if (kind !== OTHER) letters++;
    if (i > at && kind !== KINDS[bytes[i - 1]!]) turns++;
  }
  if (distinct < MIN_DISTINCT) return 'plain';
  // Of 43 random characters of base64url 27 follow one of another kind, of 64 hexadecimal digits 30.
  return digits >= 2 && letters >= 2 && turns >= length / 4 ? 'random' : 'words';
}
