import { wipeAfterRuns } from '../../core/base/runtime/scratch.js';
import { compileWasm } from '../../core/base/runtime/wasm.js';
import { Extractor } from '../../sweep/runs/extractor.js';
import { type JacobianSearch, type PairProgram, pairProgram } from './pair-field.js';

const PAGE = 65_536;
/** The kernel's own data lies below. */
const FIRST = 4096;

interface Program {
  clear(map: number, bits: number): void;
  mark(words: number, count: number, map: number, bits: number): void;
  markTops(words: number, count: number, map: number, bits: number): void;
  markLows(words: number, count: number, map: number, bits: number): void;
  probeBytes(
    at: number,
    length: number,
    lows: number,
    lowBits: number,
    map: number,
    bits: number,
    out: number,
    most: number,
  ): number;
  join(
    words: number,
    from: number,
    to: number,
    count: number,
    reach: number,
    tops: number,
    topBits: number,
    map: number,
    bits: number,
    out: number,
    most: number,
    next: number,
  ): number;
  probe(
    at: number,
    length: number,
    step: number,
    map: number,
    bits: number,
    out: number,
    most: number,
  ): number;
  markNear(words: number, count: number, map: number, bits: number): void;
  probeNear(words: number, count: number, map: number, bits: number, out: number, most: number): number;
  dividing(
    divisors: number,
    from: number,
    count: number,
    multiples: number,
    others: number,
    words: number,
    room: number,
    out: number,
    most: number,
    next: number,
  ): number;
  exponentPairs(
    tops: number,
    from: number,
    count: number,
    reach: number,
    out: number,
    most: number,
    next: number,
  ): number;
  crtPairs(
    from: number,
    to: number,
    step: number,
    low: number,
    high: number,
    size: number,
    form: number,
    out: number,
    most: number,
  ): number;
  crtNeighbours(
    firsts: number,
    lasts: number,
    count: number,
    reach: number,
    form: number,
    out: number,
    most: number,
  ): number;
  sieve(limit: number, marks: number, out: number): number;
  commonPrimes(x: number, y: number, limbs: number, primes: number, count: number, out: number): number;
  convert(field: number, values: number, count: number): void;
  equation(field: number, values: number, count: number, squares: number, rights: number): void;
  jacobian: JacobianSearch;
  powers(field: number, out: number, count: number, work: number): void;
  fillTable(field: number, table: number, windows: number, doubled: number, work: number): void;
  comb(
    field: number,
    table: number,
    scalars: number,
    count: number,
    width: number,
    out: number,
    flags: number,
    work: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** Released kernels: instances and their memory are most of the cost of a search in a small file. */
const idle: NumberKernel[] = [];
/** Bounds of what is kept: one artifact takes up to three kernels. */
const MOST_IDLE = 3;
const MOST_MEMORY = 16 << 20;
wipeAfterRuns(() => {
  for (const { extractor } of idle) extractor.wipe();
});

/**
 * An instance of the number kernel with an arena: {@link NumberKernel.scratch} frees a part of it, {@link
 * Kernel.release} all.
 */
export class NumberKernel {
  readonly call: Program;
  /** Works in this memory. */
  readonly extractor: Extractor;
  readonly #memory: WebAssembly.Memory;
  readonly #pairs = new Map<string, PairProgram | undefined>();
  #next = FIRST;
  /** Start of the arena; the kernel's own data is below. */
  readonly #first: number;
  #bytes: Buffer;

  /** A released kernel, or a new one. */
  static take(): NumberKernel {
    return idle.pop() ?? new NumberKernel();
  }

  constructor() {
    compiled ??= compileWasm('src/search/kernel/numbers.wasm');
    this.#memory = new WebAssembly.Memory({ initial: 1 });
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.call = instance.exports as unknown as Program;
    this.#bytes = Buffer.from(this.#memory.buffer);
    this.extractor = new Extractor(this.#memory, this.allocate(Extractor.SIZE));
    this.#first = this.#next;
  }

  /** For the next {@link NumberKernel.take}. Invalidates all addresses and views. */
  release(): void {
    if (this.#memory.buffer.byteLength > MOST_MEMORY || idle.length === MOST_IDLE) return;
    // Listed twice, it would be shared by two searches.
    if (idle.includes(this)) return;
    this.#bytes.fill(0, this.#first, this.#next);
    this.#next = this.#first;
    idle.push(this);
  }

  /** The address of `length` new bytes, all zero. */
  allocate(length: number): number {
    const at = this.#next;
    this.#next += Math.ceil(length / 64) * 64;
    const lacking = this.#next - this.#memory.buffer.byteLength;
    if (lacking > 0) {
      this.#memory.grow(Math.ceil(lacking / PAGE));
      this.#bytes = Buffer.from(this.#memory.buffer);
    }
    return at;
  }

  /** Frees and zeroes what `use` allocates. */
  scratch<T>(use: () => T): T {
    const from = this.#next;
    try {
      return use();
    } finally {
      this.#bytes.fill(0, from, this.#next);
      this.#next = from;
    }
  }

  /** A program for pairs of numbers in this memory; undefined if the machine has no fused multiply-add. */
  pairs(file: string): PairProgram | undefined {
    if (!this.#pairs.has(file)) this.#pairs.set(file, pairProgram(this.#memory, file));
    return this.#pairs.get(file);
  }

  /** All of the memory; a call of {@link allocate} may replace it. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  view(at: number, length: number): Buffer {
    return this.#bytes.subarray(at, at + length);
  }

  /** `at` is a multiple of 8. */
  u64(at: number, count: number): BigUint64Array {
    return new BigUint64Array(this.#memory.buffer, at, count);
  }

  /** `at` is a multiple of 8. */
  f64(at: number, count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, count);
  }

  /** `at` is a multiple of 4. */
  u32(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, at, count);
  }
}
