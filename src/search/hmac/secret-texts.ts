import { PAGE, type Reader } from '../../base/bytes/storage.js';
import type { SkippedWork } from '../core/skipped-work.js';
import { octetsOf, textKey } from './encoded-secrets.js';
import { BLOCKS, paddedTexts, padPairs } from './hmac-pads.js';
import { namedSecrets, secretNames } from './named-secrets.js';
import type { SecretCandidate } from './secret-candidate.js';
import { classify, KINDS, nameBefore } from './text-classes.js';
import { followsQuietWord, lengthBefore, lengthsInChunk, MAX_EXTRA_BYTES, TEXT } from './text-headers.js';

/** Bytes read at a time, and the context read before and after them. */
const BLOCK = 1 << 20;
const BEFORE = BLOCKS[1];
const AFTER = 2 * TEXT.most;
/** Texts remembered as already tried, and less likely ones postponed until the end: some 100 bytes each. */
const MAX_KNOWN = 1 << 18;
const MAX_POSTPONED = 1 << 17;
/** Names with `secret` in them whose values are tried, 15 us each: dumps have some thousand. */
const MAX_NAMES = 1 << 16;

/** Prefix of mangled C++ names, which look random. */
const MANGLED = Buffer.from('_Z');

/**
 * Texts anywhere in the artifact that may be secrets of tokens: 16 to 256 printable bytes that follow a quiet
 * word or their own length, are the value of a variable, or look random at an aligned address (also shorter
 * prefixes that fit an allocator's chunk). Random-looking texts come first, in file order, and are also tried
 * decoded; all others follow at the end.
 */
export class SecretTexts {
  readonly #reader: Reader;
  readonly #skippedWork: SkippedWork;
  readonly #all: boolean;
  readonly #known = new Set<string>();
  readonly #named = new Set<string>();
  #names = 0;
  readonly #postponed: { text: string; offset: number }[] = [];
  readonly #block = Buffer.alloc(BEFORE + BLOCK + AFTER);

  /** `all`: also read bytes that are not cached and must be decompressed again. */
  constructor(reader: Reader, skippedWork: SkippedWork, all: boolean) {
    this.#reader = reader;
    this.#skippedWork = skippedWork;
    this.#all = all;
  }

  *texts(): Generator<SecretCandidate> {
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
    for (const { text, offset } of this.#postponed) yield textKey(text, offset);
  }

  /** End of the cached bytes from `from` on. */
  #cachedEnd(from: number): number {
    const reader = this.#reader;
    const near = this.#all ? undefined : reader.near?.(from, reader.length - from);
    return near === undefined ? reader.length : from + near;
  }

  /** Texts in [from, to), block by block. */
  *#between(from: number, to: number): Generator<SecretCandidate> {
    for (let start = from; start < to; start += BLOCK) {
      const first = Math.max(from, start - BEFORE);
      const last = Math.min(to, start + BLOCK + AFTER);
      const read = this.#reader.read(first, this.#block.subarray(0, last - first));
      const bytes = this.#block.subarray(0, read);
      const place = { base: first, end: first + read === this.#reader.length };
      const end = Math.min(read, start - first + BLOCK);
      yield* this.#inBlock(bytes, start - first, end, place);
      yield* this.#valuesOf(bytes, start - first, end, first);
      for (const { at, ...padded } of paddedTexts(bytes, start - first, end))
        yield { ...padded, offset: first + at, reading: 'bytes-be' };
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, read >> 2);
      for (const { at, ...padded } of padPairs(words, (start - first) >> 2, end >> 2))
        yield { ...padded, offset: first + at, reading: 'bytes-be' };
      if (read < last - first) return;
    }
  }

  /** Values of variables named "secret", each once, whatever they look like. */
  *#valuesOf(bytes: Buffer, from: number, to: number, base: number): Generator<SecretCandidate> {
    for (const { at, length } of namedSecrets(bytes, this.#namesIn(bytes, from, to, base))) {
      const text = bytes.toString('latin1', at, at + length);
      if (this.#named.has(text)) continue;
      if (this.#named.size < MAX_KNOWN) this.#named.add(text);
      yield textKey(text, base + at);
      yield* octetsOf(text, base + at);
    }
  }

  /** Marks of names, within the budget. */
  *#namesIn(bytes: Buffer, from: number, to: number, base: number): Generator<number> {
    for (const name of secretNames(bytes, from, to))
      if (this.#all || this.#names++ < MAX_NAMES) yield name;
      else
        this.#skippedWork.add(
          'hmac-texts',
          { target: 'blind', left: 1 },
          UNTRIED_TEXTS,
          base + name,
          base + name + 1,
        );
  }

  /** Texts that begin in bytes[from, to). `end`: the bytes end with the file, which ends a text too. */
  *#inBlock(
    bytes: Buffer,
    from: number,
    to: number,
    { base, end }: { base: number; end: boolean },
  ): Generator<SecretCandidate> {
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

  *#inRun(bytes: Buffer, start: number, run: number, base: number): Generator<SecretCandidate> {
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
      yield* this.#take(bytes, start + name, run - name, base, true);
  }

  *#take(
    bytes: Buffer,
    at: number,
    length: number,
    base: number,
    begins: boolean,
  ): Generator<SecretCandidate> {
    const offset = base + at;
    if (!begins && offset % 8 !== 0) return;
    const look = classify(bytes, at, length);
    if (look === 'plain') return;
    const likely = look === 'random' && bytes.compare(MANGLED, 0, 2, at, at + 2) !== 0;
    if (!likely && !begins) return;
    const text = bytes.toString('latin1', at, at + length);
    if (this.#known.has(text)) return;
    if (this.#known.size < MAX_KNOWN) this.#known.add(text);
    if (likely) {
      yield textKey(text, offset);
      yield* octetsOf(text, offset);
    } else if (this.#postponed.length < MAX_POSTPONED) this.#postponed.push({ text, offset });
    else
      this.#skippedWork.add(
        'hmac-texts',
        { target: 'blind', left: 1 },
        UNTRIED_TEXTS,
        offset,
        offset + length,
      );
  }
}

export const UNTRIED_TEXTS = 'texts were not tried as keys of tokens';

const nextPage = (offset: number): number => (Math.floor(offset / PAGE) + 1) * PAGE;

function endOf(bytes: Buffer, from: number): number {
  let end = from;
  while (end < bytes.length && KINDS[bytes[end]!] !== 0) end++;
  return end;
}
