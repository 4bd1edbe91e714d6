import { lowWord, toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type {
  DigitEncoding,
  FilePlace,
  JsEngineEncoding,
  TextEncoding,
  WordEncoding,
} from '../../core/types.js';
import { WordIndex } from '../../core/word-index.js';
import type { KernelCurve } from './kernel-curve.js';

/** Scratch for reversing the bytes of a word. */
const SWAP = new DataView(new ArrayBuffer(8));

/** How a number of the dump encodes a scalar. */
export type ScalarEncoding = WordEncoding | DigitEncoding | JsEngineEncoding | TextEncoding | 'mont-le';

/** Numbers of a dump multiplied on a curve, in one encoding. */
export interface ScalarSource {
  curve: KernelCurve;
  set: NumberSet;
  reading: ScalarEncoding;
  /** Bytes of a stored scalar. */
  length: number;
  /** A number of the set as a scalar in whole little-endian words. */
  toWords(bytes: Buffer): Buffer;
}

/** A number of the dump as a scalar d of a curve, and x of d * G. */
export interface Multiple {
  curve: KernelCurve;
  x: bigint;
  /** Little-endian. */
  scalar: Buffer;
  place: FilePlace & { reading: ScalarEncoding };
}

/**
 * Multiples on one curve, in columns: a dense dump has hundreds of thousands, and objects would take 500
 * bytes each.
 */
class CurveMultiples {
  /** Multiples by the lowest 64-bit word of x. */
  readonly index = new WordIndex();
  readonly #curve: KernelCurve;
  readonly #sources: ScalarSource[] = [];
  #xs = Buffer.alloc(0);
  #numbers = new Uint32Array(0);
  #from = new Uint8Array(0);

  constructor(curve: KernelCurve) {
    this.#curve = curve;
  }

  add(source: ScalarSource, x: Uint8Array, number: number): void {
    const { width } = this.#curve;
    const [low, high] = [halfAt(x, 0), halfAt(x, 4)];
    if (this.index.hasHalves(low, high) && this.#has(x)) return;
    const entry = this.index.length;
    if (entry === this.#numbers.length) this.#grow();
    this.#xs.set(x, entry * width);
    this.#numbers[entry] = number;
    this.#from[entry] = this.#indexOf(source);
    this.index.addHalves(low, high);
  }

  #has(x: Uint8Array): boolean {
    const word = (BigInt(halfAt(x, 4)) << 32n) | BigInt(halfAt(x, 0));
    for (const entry of this.index.entries(word)) if (this.#xOf(entry).equals(x)) return true;
    return false;
  }

  /** Of one set in one encoding there is one source, however often numbers of it are added. */
  #indexOf(source: ScalarSource): number {
    const last = this.#sources.length - 1;
    if (this.#sources[last] === source) return last;
    const known = this.#sources.findIndex(
      ({ set, reading }) => set === source.set && reading === source.reading,
    );
    return known >= 0 ? known : this.#sources.push(source) - 1;
  }

  *withWord(word: bigint): Generator<Multiple> {
    for (const entry of this.index.entries(word)) {
      const { set, toWords, length, reading } = this.#sources[this.#from[entry]!]!;
      const number = this.#numbers[entry]!;
      yield {
        curve: this.#curve,
        x: toNumber(this.#xOf(entry), 'limbs-le'),
        scalar: toWords(set.at(number)),
        place: { offset: set.offset(number), length, reading },
      };
    }
  }

  #xOf(entry: number): Buffer {
    const { width } = this.#curve;
    return this.#xs.subarray(entry * width, (entry + 1) * width);
  }

  #grow(): void {
    const capacity = Math.max(64, 2 * this.#numbers.length);
    const [numbers, from] = [this.#numbers, this.#from];
    this.#xs = Buffer.concat([this.#xs], capacity * this.#curve.width);
    this.#numbers = new Uint32Array(capacity);
    this.#numbers.set(numbers);
    this.#from = new Uint8Array(capacity);
    this.#from.set(from);
  }
}

/** 32 bits, little-endian. */
const halfAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/**
 * All computed multiples of generators, by x. Later searches look up which number belongs to an x found
 * elsewhere.
 */
export class Multiples {
  readonly #byCurve = new Map<KernelCurve, CurveMultiples>();

  /**
   * Adds a multiple; of several with the same x the first is kept. `x` is plain and little-endian in the
   * curve's width; `number` is the index of the scalar in its source.
   */
  add(source: ScalarSource, x: Uint8Array, number: number): void {
    const { curve } = source;
    const known = this.#byCurve.get(curve) ?? new CurveMultiples(curve);
    this.#byCurve.set(curve, known);
    known.add(source, x, number);
  }

  get(curve: KernelCurve, x: bigint): Multiple | undefined {
    for (const multiple of this.#byCurve.get(curve)?.withWord(lowWord(x)) ?? [])
      if (multiple.x === x) return multiple;
    return undefined;
  }

  get curves(): KernelCurve[] {
    return [...this.#byCurve.keys()];
  }

  /** The last eight bytes of each big-endian x, read as a little-endian word. */
  endings(): BigUint64Array {
    const all = [...this.#byCurve.values()].map(({ index }) => index.words);
    const words = new BigUint64Array(all.reduce((sum, { length }) => sum + length, 0));
    let filled = 0;
    for (const part of all) {
      words.set(part, filled);
      filled += part.length;
    }
    Buffer.from(words.buffer).swap64();
    return words;
  }

  /** True if the word is one of the {@link endings}. */
  hasEnding(ending: bigint): boolean {
    SWAP.setBigUint64(0, ending, true);
    const word = SWAP.getBigUint64(0);
    for (const { index } of this.#byCurve.values()) if (index.has(word)) return true;
    return false;
  }

  /** Multiples whose big-endian x ends with the eight bytes at `at`. */
  *endingWith(bytes: Buffer, at: number): Generator<Multiple> {
    const word = bytes.readBigUInt64BE(at);
    for (const multiples of this.#byCurve.values()) yield* multiples.withWord(word);
  }
}

export function scalarOf({ scalar }: Multiple): bigint {
  return toNumber(scalar, 'limbs-le');
}
