import { readFileSync } from 'node:fs';
import { asset } from '../assets.js';
import { Extractor } from '../noise/extractor.js';
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
  packed(from: number, to: number, size: number, out: number): number;
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

/** One instance of the number kernel with its memory. Memory is handed out in blocks; only {@link Kernel.scratch} gives any back. */
export class Kernel {
  readonly call: Program;
  readonly #memory: WebAssembly.Memory;
  readonly #pairs = new Map<number, PairProgram | undefined>();
  #next = FIRST;
  #bytes: Buffer;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(asset('src/numbers/kernel/numbers.wasm')));
    this.#memory = new WebAssembly.Memory({ initial: 1 });
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.call = instance.exports as unknown as Program;
    this.#bytes = Buffer.from(this.#memory.buffer);
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

  /** What is allocated inside is given back, zeroed, when `use` returns. */
  scratch<T>(use: () => T): T {
    const from = this.#next;
    try {
      return use();
    } finally {
      this.#bytes.fill(0, from, this.#next);
      this.#next = from;
    }
  }

  /** An extractor of numbers in this memory. */
  extractor(): Extractor {
    return new Extractor(this.#memory, this.allocate(Extractor.SIZE));
  }

  /** The program in this memory for pairs of numbers of `width` bytes, on machines that are the faster for it. */
  pairs(width: number): PairProgram | undefined {
    if (!this.#pairs.has(width)) this.#pairs.set(width, pairProgram(this.#memory, width));
    return this.#pairs.get(width);
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

  /** `at` is a multiple of 4. */
  u32(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, at, count);
  }
}
