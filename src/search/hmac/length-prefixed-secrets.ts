import type { Kernel } from '../core/kernel.js';
import { looksRandom } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { SecretText } from './secret-texts.js';

/** Octets of keys of any length; those that everybody uses are looked for without a header, too. */
const LENGTHS = { least: 33, most: 256 };
/** Such numbers that are kept; further ones are told. Large cores have some thousand. */
const MAX_KEPT = 10_000;
/** Octets that the ends of a run may add to a number or take from it. */
const EDGE_BYTES = { less: 8, more: 16 };

const word = (bytes: Buffer, at: number): number => (at < 0 ? -1 : bytes.readUInt32LE(at));

/** The length of an object by what stands before it: CPython's size before a hash, a word, 32 bits (V8, JVM). */
function* lengthsBefore(bytes: Buffer, at: number): Generator<number> {
  for (const ahead of [8, 16]) if (word(bytes, at - ahead + 4) === 0) yield word(bytes, at - ahead);
  yield word(bytes, at - 4);
}

/** Random octets of a length that few keys have, right behind that length: what a key of HMAC may be (RFC 2104, section 3, takes any). */
export class LengthPrefixedSecrets {
  readonly #kernel: Kernel;
  readonly #shortfall: SkippedWork;
  readonly #usual: ReadonlySet<number>;
  readonly #found: SecretText[] = [];

  constructor(kernel: Kernel, shortfall: SkippedWork, usual: readonly number[]) {
    this.#kernel = kernel;
    this.#shortfall = shortfall;
    this.#usual = new Set(usual);
  }

  /** Of a piece that begins its run. */
  add({ at, words, offset, before, after }: Piece, starts: readonly number[]): void {
    const bytes = this.#kernel.bytes;
    const run = words * 8;
    if (run > LENGTHS.most + EDGE_BYTES.more) return;
    for (const start of starts)
      for (const length of start + before < 8 ? [] : lengthsBefore(bytes, at + start)) {
        const end = start + length;
        if (length < LENGTHS.least || length > LENGTHS.most || this.#usual.has(length)) continue;
        if (end < run - EDGE_BYTES.less || end > Math.min(run + EDGE_BYTES.more, after)) continue;
        if (!looksRandom(bytes, at + start, length)) continue;
        this.#keep(Buffer.from(bytes.subarray(at + start, at + end)), offset + start);
      }
  }

  #keep(key: Buffer, offset: number): void {
    const { length } = key;
    if (this.#found.length < MAX_KEPT)
      this.#found.push({ key, offset, length, form: 'key', reading: 'bytes-be' });
    else
      this.#shortfall.add('hmac-keys', 'numbers were not tried as keys of tokens', offset, offset + length);
  }

  all(): readonly SecretText[] {
    return this.#found;
  }
}
