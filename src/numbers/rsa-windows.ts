import { Windows } from './columns.js';
import { isGrey, SCORES, scoreLimit } from './gate.js';
import type { Kernel } from './kernel.js';
import type { Piece } from './run-bytes.js';
import type { Shortfall } from './shortfall.js';

/** Words of a prime: moduli of 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192 and 16,384 bits have two of them. */
export const PRIME_WORDS = [4, 6, 8, 12, 16, 24, 32, 48, 64, 128] as const;
/** Words of every window that is looked at: primes and moduli. */
const SIZES = [...new Set([...PRIME_WORDS, ...PRIME_WORDS.map((words) => words * 2)])].sort((a, b) => a - b);

/** Windows of one size that are kept: 70 MB for all of an artifact's sizes at worst, for no dump fills them all. */
const MOST_WINDOWS = 1_000_000;
/** Runs up to so many words are looked at in every window (numbers packed without a gap), longer ones at their edges. */
const DENSE_WORDS = 96;
const RECORD = 16;
const MOST_RECORDS = 65_536;
const SEEN_BITS = 18;

/** Collects, while runs come in, every window that may be a prime or a modulus. */
export class RsaWindows {
  readonly bySize: ReadonlyMap<number, Windows> = new Map(SIZES.map((words) => [words, new Windows()]));
  readonly #kernel: Kernel;
  readonly #records: number;
  readonly #shortfall: Shortfall;

  constructor(kernel: Kernel, shortfall: Shortfall) {
    this.#kernel = kernel;
    this.#shortfall = shortfall;
    const scores = kernel.allocate(SCORES.byteLength);
    kernel.view(scores, SCORES.byteLength).set(new Uint8Array(SCORES.buffer));
    const sizes = kernel.allocate(SIZES.length * 8);
    for (const [i, words] of SIZES.entries()) {
      kernel.bytes.writeUInt32LE(words, sizes + i * 8);
      kernel.bytes.writeInt32LE(scoreLimit(words * 8), sizes + i * 8 + 4);
    }
    const seen = kernel.allocate(8 << SEEN_BITS);
    this.#records = kernel.allocate(MOST_RECORDS * RECORD);
    kernel.call.setWindows(scores, sizes, SIZES.length, seen, SEEN_BITS, this.#records, MOST_RECORDS);
  }

  add(piece: Piece): void {
    const { at, words, before, after } = piece;
    const bytes = this.#kernel.bytes;
    const from = piece.startsRun && before >= 8 && mayBegin(bytes, at - 8) ? -1 : 0;
    const to = piece.endsRun && after >= words * 8 + 8 && isGrey(bytes, at + words * 8) ? words + 1 : words;
    const count = this.#kernel.call.windows(at, words, from, to, DENSE_WORDS);
    for (let i = 0; i < Math.min(count, MOST_RECORDS); i++) {
      const record = this.#records + i * RECORD;
      const code = bytes.readUInt32LE(record + 4);
      const offset = piece.offset + bytes.readInt32LE(record);
      this.keep(SIZES[code & 0xff]!, offset, code >>> 8, bytes.readBigUInt64LE(record + 8));
    }
  }

  /** A window that something else has found. `reading`: index into READINGS. */
  keep(words: number, offset: number, reading: number, low: bigint): void {
    const windows = this.bySize.get(words)!;
    if (windows.length < MOST_WINDOWS) windows.push(offset, reading, low);
    else
      this.#shortfall.add(
        'rsa-unknown-n',
        'windows that may be a factor were not kept',
        offset,
        offset + words * 8,
      );
  }
}

/** The word may be a number's first: few zeros, or one more where the number is written with a zero before it. */
function mayBegin(bytes: Buffer, at: number): boolean {
  return isGrey(bytes, at) || (bytes[at] === 0 && isGrey(bytes.subarray(at + 1, at + 9), 0));
}
