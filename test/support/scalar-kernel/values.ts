import { KINDS, looksRandom, SHORTEST_RUN } from '../../../src/sweep/values/random.js';
import { CONTEXT, packRun } from '../../../src/sweep/values/value-run.js';

type Stride = 1 | 2;

/** Bytes that were swept in one call. */
export interface SweptBytes {
  bytes: Uint8Array;
  /** Runs that start in [from, to) are of this call. */
  from: number;
  to: number;
  /** End of the bytes that are known. */
  end: number;
  /** Bytes before `from`, if `bytes` has none. */
  preceding?: Uint8Array;
}

const STRIDES: readonly Stride[] = [1, 2];

/** The runs of a call, as kernel/values.as.ts finds them. */
export class ValueRuns {
  readonly #swept: SweptBytes;

  constructor(swept: SweptBytes) {
    this.#swept = swept;
  }

  #byte(at: number): number {
    const { bytes, from, end, preceding } = this.#swept;
    if (at >= from || preceding === undefined) return at < end ? (bytes[at] ?? -1) : -1;
    return preceding[preceding.length + at - from] ?? -1;
  }

  #isCharacter(at: number): boolean {
    const byte = this.#byte(at);
    return byte >= 0 && KINDS[byte] !== 0;
  }

  /** The character at `at` follows another one of the same run. */
  #continues(at: number, stride: Stride): boolean {
    return this.#isCharacter(at - stride) && (stride === 1 || this.#byte(at - 1) === 0);
  }

  /** The first place behind `at` where the run has no character. */
  #endOf(at: number, stride: Stride): number {
    let next = at + stride;
    while (this.#isCharacter(next) && this.#continues(next, stride)) next += stride;
    return next;
  }

  /** Calls `add` with the place and the packed run of each that looks random, or that the bytes cut. */
  random(add: (at: number, id: number) => void): void {
    for (const stride of STRIDES)
      for (const [at, next] of this.#runs(stride)) this.#test(at, next, stride, add);
  }

  *#runs(stride: Stride): Generator<[at: number, next: number]> {
    const { bytes, from, to, end } = this.#swept;
    const least = stride * (SHORTEST_RUN - 1);
    for (let lane = 0; lane < stride; lane++)
      for (let at = from + lane; at < to; at += stride) {
        // A run of the least length that begins at this character or one of the next has the last of them.
        while (at + least < end && KINDS[bytes[at + least]!] === 0) at += least + stride;
        if (at >= to) break;
        if (!this.#isCharacter(at)) continue;
        const next = this.#endOf(at, stride);
        if (!this.#continues(at, stride)) yield [at, next];
        at = next - stride;
      }
  }

  #test(at: number, next: number, stride: Stride, add: (at: number, id: number) => void): void {
    const { bytes, from, end } = this.#swept;
    const length = (next - at) / stride;
    if (length < SHORTEST_RUN) return;
    const wide = stride === 2;
    const open = next >= end;
    const random = !open && looksRandom(bytes, at, length, stride);
    if (stride === 1 && this.#isMangled(at)) return;
    const cut = at < from + stride * CONTEXT || next + stride * CONTEXT > end;
    if (open || random) add(at, packRun({ length, wide, cut, random }));
  }

  /**
   * True if a value may begin at `at` with a known prefix: at the start of a run, behind an escape or a byte
   * that may hold its length there, or behind a character that separates. The least length of a run follows.
   * Of a run that began before the call, the first characters may be an escape.
   */
  mayBegin(at: number, stride: Stride): boolean {
    const { from } = this.#swept;
    let start = at;
    while (start >= from && this.#continues(start, stride)) start -= stride;
    const separated = SEPARATORS.has(this.#byte(at - stride)) && this.#continues(at, stride);
    const end = this.#endOf(at, stride);
    if ((end - at) / stride < SHORTEST_RUN) return false;
    const skipped = (at - start) / stride;
    if (skipped === 0) return true;
    if (separated) return start < from || stride === 2 || !this.#isMangled(start);
    if (start < from) return (at - from) / stride < LONGEST_ESCAPE;
    if (skipped === 1) return true;
    return ESCAPES.get(this.#before(start, stride))?.includes(skipped) ?? false;
  }

  #isMangled(at: number): boolean {
    return MANGLED.test(String.fromCharCode(this.#byte(at), this.#byte(at + 1), this.#byte(at + 2)));
  }

  #before(at: number, stride: Stride): string {
    const isText = stride === 1 || this.#byte(at - 1) === 0;
    return isText ? String.fromCharCode(Math.max(0, this.#byte(at - stride))) : '';
  }
}

/** The name of a function of C++ or Rust. */
const MANGLED = /^_[ZR][0-9A-Z]/;
const SEPARATORS = new Set(Buffer.from('+/_-'));
/** Characters of escapes behind a percent sign and a backslash: `%3D`; `\\x3d` and `\\u003d`. */
const ESCAPES = new Map([
  ['%', [2]],
  ['\\', [3, 5]],
]);
const LONGEST_ESCAPE = 5;
