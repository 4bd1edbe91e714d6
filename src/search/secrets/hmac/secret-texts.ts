import { type ByteReader, PAGE } from '../../../core/base/bytes/storage.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { SkippedWork } from '../../core/skipped-work.js';
import type { TextPlace } from './hmac-secret.js';
import { BLOCKS, type HmacSecret, paddedTexts, padPairs, plainKey } from './hmac-secret.js';
import type { UntriedPairs } from './pair-trials.js';
import { TextKernel } from './text-kernel.js';
import { TEXT } from './texts-near-tokens.js';

/** Bytes read at a time, and the context read before and after them. */
const BLOCK = 1 << 20;
const BEFORE = BLOCKS[1];
const AFTER = 2 * TEXT.most;
/** Names with `secret` in them whose values are tried, 15 us each: dumps have some thousand. */
const MAX_NAMES = 1 << 16;

/** Texts between two pauses. */
const PACE = 64;

/**
 * How a text was found: as the value of a name with `secret` in it, as the value of any variable of an
 * environment, by its random look, or by the header before it alone.
 */
export type TextSource = 'named' | 'assigned' | 'random' | 'words';

/** Sources of the kernel's records, by their kinds. */
const SOURCES: readonly TextSource[] = ['random', 'words', 'assigned'];

/** A part of a block of bytes, which is at a file offset. */
interface Range {
  from: number;
  to: number;
  base: number;
}

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
  #marks = 0;
  #hasRoom: (source: TextSource) => boolean = () => true;

  /** `all`: also read bytes that are not cached and must be decompressed again. */
  constructor(reader: ByteReader, skippedWork: SkippedWork, untried: UntriedPairs, all: boolean) {
    this.#reader = reader;
    this.#skippedWork = skippedWork;
    this.#untried = untried;
    this.#all = all;
  }

  /**
   * Texts in file order, block by block; once. Those without a name whose source has no room are reported as
   * untried. A key may be a view of a block, which is valid until the next text is taken.
   */
  *texts(hasRoom: (source: TextSource) => boolean): Pausing<FoundText> {
    this.#hasRoom = hasRoom;
    const kernel = new TextKernel(BEFORE + BLOCK + AFTER);
    try {
      yield* this.#ofCachedBytes(kernel);
    } finally {
      kernel.wipe();
    }
  }

  *#ofCachedBytes(kernel: TextKernel): Pausing<FoundText> {
    const { length } = this.#reader;
    for (let from = 0; from < length; ) {
      const to = this.#cachedEnd(from);
      if (to > from) yield* this.#between(kernel, from, to);
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
  *#between(kernel: TextKernel, from: number, to: number): Pausing<FoundText> {
    for (let start = from; start < to; start += BLOCK) {
      const first = Math.max(from, start - BEFORE);
      const last = Math.min(to, start + BLOCK + AFTER);
      const read = this.#reader.read(first, kernel.room.subarray(0, last - first));
      const isBlank = !kernel.begin(read, first);
      const range = { from: start - first, to: Math.min(read, start - first + BLOCK), base: first };
      if (!isBlank) yield* this.#paced(this.#textsOf(kernel, kernel.room.subarray(0, read), range));
      yield;
      if (read < last - first) return;
    }
  }

  /** Texts of the kernel's bytes that begin in [from, to). */
  *#textsOf(kernel: TextKernel, bytes: Buffer, { from, to, base }: Range): Generator<FoundText> {
    const isEnd = base + bytes.length === this.#reader.length;
    for (const { at, length, kind } of kernel.texts(from, to, base + from > 0, isEnd)) {
      const source = SOURCES[kind]!;
      if (!this.#hasRoom(source)) {
        this.#untried.candidate('hmac-texts', base + at, length);
        continue;
      }
      const key = bytes.subarray(at, at + length);
      yield { candidate: plainKey(key, base + at), source };
      if (source !== 'words') for (const candidate of octetsOf(key, base + at)) yield { candidate, source };
    }
    for (const { text, at, length } of namedSecrets(bytes, this.#names(kernel.marks(from, to), base)))
      for (const candidate of readingsOf(Buffer.from(text, 'latin1'), base + at))
        yield { candidate: { ...candidate, length }, source: 'named' };
    for (const { at, ...padded } of paddedTexts(bytes, kernel.fillers(from, to)))
      yield random({ ...padded, offset: base + at, reading: 'bytes-be' });
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    for (const { at, ...padded } of padPairs(words, kernel.pairs(from, to), from >> 2, to >> 2))
      yield random({ ...padded, offset: base + at, reading: 'bytes-be' });
  }

  *#paced(texts: Iterable<FoundText>): Pausing<FoundText> {
    for (const text of texts) {
      yield text;
      if (this.#pace.isDue()) yield;
    }
  }

  /** Marks of names, within the budget. */
  *#names(marks: Iterable<TextPlace>, base: number): Generator<SecretName> {
    for (const { at, length } of marks)
      if (this.#all || this.#marks++ < MAX_NAMES) yield { at, unit: length as SecretName['unit'] };
      else this.#untried.candidate('hmac-texts', base + at, 1);
  }
}

const random = (candidate: HmacSecret): FoundText => ({ candidate, source: 'random' });

/** The characters as a key, and the octets that they encode. */
function* readingsOf(key: Buffer, offset: number): Generator<HmacSecret> {
  yield plainKey(key, offset);
  yield* octetsOf(key, offset);
}

const nextPage = (offset: number): number => (Math.floor(offset / PAGE) + 1) * PAGE;

/** Encodings of octets as text, and their decoders: undefined if the text is not valid. */
const WRITTEN: readonly [HmacSecret['reading'], form: RegExp, (text: string) => Buffer | undefined][] = [
  ['base64url', /^[\w-]+$/, (text) => exactly(text, 'base64url', (written) => written)],
  ['base64', /[+/=]/, (text) => exactly(text, 'base64', unfilled)],
  ['hex', /^[\da-f]+$/i, (text) => exactly(text.toLowerCase(), 'hex', (written) => written)],
];

/** Octets that the text encodes, in each encoding that fits. */
function* octetsOf(characters: Buffer, offset: number): Generator<HmacSecret> {
  const text = characters.toString('latin1');
  for (const [reading, form, written] of WRITTEN) {
    const octets = form.test(text) ? written(text) : undefined;
    if (octets !== undefined && octets.length >= TEXT.least)
      yield { ...plainKey(characters, offset), key: octets, reading };
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

/**
 * The rest of a name after its mark, the end of "secret" (`JWT_SECRET`, `secretOrKey`, `"secret"`), then
 * quotes and blanks around the sign between name and value.
 */
const NAME_END = /^[A-Za-z0-9_.-]{0,40}(?:\\?["'`\]])*[ \t]*(?:=>|[:=])[ \t]*/;
const MAX_NAME_END = 64;
const QUOTED = /^\\?(["'`])(.{1,256}?)\\?\1/;
/** Unquoted values: to the end of the line, or of the word. */
const LINE = /^[^\0-\x08\x0a-\x1f\x7f]{1,256}/;
const WORD = /^[^\0-\x20\x7f"'`,;(){}[\]<>&|\\]{1,256}/;

/** Value of a variable whose name contains "secret": any text, found only by that name. */
interface NamedSecret {
  text: string;
  at: number;
  /** Bytes in memory. */
  length: number;
}

/** The end of a mark. */
interface SecretName {
  at: number;
  /** Bytes of a character: 2 in UTF-16, little-endian. */
  unit: 1 | 2;
}

const MOST = MAX_NAME_END + TEXT.most;

/** Characters from an index on; those of UTF-16 up to the first beyond Latin-1. */
function textAt(bytes: Buffer, { at, unit }: SecretName): string {
  if (unit === 1) return bytes.toString('latin1', at, at + MOST);
  const text = bytes.toString('utf16le', at, at + 2 * MOST);
  return /^[\0-\xff]*/.exec(text)![0];
}

/** Values after these marks, in configurations, environments, JSON, YAML and source code. */
function* namedSecrets(bytes: Buffer, names: Iterable<SecretName>): Generator<NamedSecret> {
  for (const mark of names) {
    const all = textAt(bytes, mark);
    const name = NAME_END.exec(all)?.[0].length;
    if (name === undefined) continue;
    const value = all.slice(name);
    const found = (from: number, text: string): NamedSecret => ({
      text,
      at: mark.at + (name + from) * mark.unit,
      length: text.length * mark.unit,
    });
    const quoted = QUOTED.exec(value);
    if (quoted) yield found(quoted[0].indexOf(quoted[2]!), quoted[2]!);
    const line = LINE.exec(value)?.[0].trimEnd() ?? '';
    const word = WORD.exec(value)?.[0] ?? '';
    if (word !== '') yield found(0, word);
    if (line.length > word.length) yield found(0, line);
  }
}
