import type { Kernel } from '../core/kernel.js';
import { looksRandom } from '../core/randomness-test.js';
import type { Piece } from '../core/run-bytes.js';
import { plainKey, type SecretCandidate } from './secret-candidate.js';
import { wordAt } from './text-headers.js';
import type { UntriedPairs } from './untried-pairs.js';

/** Octets of a key of unusual length. Usual lengths are found without a header. */
const LENGTHS = { least: 33, most: 256 };
/** Candidates kept; the rest is reported as skipped. Large cores have some thousand. */
const MAX_KEPT = 10_000;
/** Bytes by which a number may be shorter or longer than its run. */
const EDGE_BYTES = { less: 8, more: 16 };

/**
 * Lengths of an object by the header before it: CPython's size before a hash, a 64-bit length, a 32-bit one
 * (V8, JVM).
 */
function* lengthsBefore(bytes: Buffer, at: number): Generator<number> {
  for (const ahead of [8, 16]) if (wordAt(bytes, at - ahead + 4) === 0) yield wordAt(bytes, at - ahead);
  yield wordAt(bytes, at - 4);
}

/**
 * Random octets of an unusual length, directly after that length: possible keys of HMAC, which accepts any
 * length (RFC 2104, section 3).
 */
export class LengthPrefixedSecrets {
  readonly #kernel: Kernel;
  readonly #untried: UntriedPairs;
  readonly #usual: ReadonlySet<number>;
  readonly #found: SecretCandidate[] = [];

  constructor(kernel: Kernel, untried: UntriedPairs, usual: readonly number[]) {
    this.#kernel = kernel;
    this.#untried = untried;
    this.#usual = new Set(usual);
  }

  /** Adds a piece that is a whole run. */
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
    if (this.#found.length < MAX_KEPT) this.#found.push(plainKey(key, offset));
    else this.#untried.candidate('hmac-keys', offset, length);
  }

  all(): readonly SecretCandidate[] {
    return this.#found;
  }
}
