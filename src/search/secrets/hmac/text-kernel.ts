import { compileWasm } from '../../../core/base/runtime/wasm.js';
import { BLOCKS, DIFFERENCE_WORD, PAD_ENTRIES, type TextPlace } from './hmac-secret.js';

/** The passes fill the records from the first on, and return where they stopped for want of room, or -1. */
interface Program {
  prepare(): void;
  begin(bytes: number, length: number, offset: number, records: number, room: number): number;
  count(): number;
  textsIn(from: number, to: number, isCut: boolean, isEnd: boolean): number;
  marksIn(from: number, to: number): number;
  fillersIn(from: number, to: number, inner: number, outer: number): number;
  pairsIn(from: number, to: number, size: number, difference: number): number;
}

/** Memory layout: the kernel's own data lies below; bytes behind the end of a block may be read. */
const RECORDS = 8192;
const MOST_RECORDS = 4096;
const BYTES_EACH = 12;
const BYTES = RECORDS + MOST_RECORDS * BYTES_EACH;
const SLACK = 64;

let compiled: WebAssembly.Module | undefined;

/** Finds texts in a block of memory that may be secrets: src/search/kernel/secrets.as.ts. */
export class TextKernel {
  /** Where a block is read into. */
  readonly room: Buffer;
  readonly #records: Uint32Array;
  readonly #call: Program;

  /** `size`: bytes of the largest block. */
  constructor(size: number) {
    compiled ??= compileWasm('src/search/kernel/secrets.wasm');
    const memory = new WebAssembly.Memory({ initial: Math.ceil((BYTES + size + SLACK) / 65_536) });
    this.#call = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Program;
    this.#call.prepare();
    this.room = Buffer.from(memory.buffer, BYTES, size);
    this.#records = new Uint32Array(memory.buffer, RECORDS, (MOST_RECORDS * BYTES_EACH) / 4);
  }

  /** Takes the first `length` bytes of {@link room}, which are at a file offset. False if all are zero. */
  begin(length: number, offset: number): boolean {
    return this.#call.begin(BYTES, length, offset % 8, RECORDS, MOST_RECORDS) !== 0;
  }

  /**
   * Texts that begin in bytes[from, to). `isCut`: there are bytes before the first one. `isEnd`: the bytes
   * end with the file, which ends a text too.
   */
  texts(from: number, to: number, isCut: boolean, isEnd: boolean): Generator<TextPlace> {
    return this.#all(from, (at) => this.#call.textsIn(at, to, isCut, isEnd));
  }

  /** Marks of names: the index behind each, and as `length` the bytes of a character. */
  marks(from: number, to: number): Generator<TextPlace> {
    return this.#all(from, (at) => this.#call.marksIn(at, to));
  }

  /** Runs of at least 16 bytes of a pad that begin in bytes[from, to); `kind` is the byte. */
  fillers(from: number, to: number): Generator<TextPlace> {
    const [[, inner], [, outer]] = PAD_ENTRIES as [[string, number], [string, number]];
    return this.#all(from, (at) => this.#call.fillersIn(at, to, inner, outer));
  }

  /** Words that differ from the word a block of HMAC behind them, which is the `length`, as the pads do. */
  *pairs(from: number, to: number): Generator<TextPlace> {
    for (const size of BLOCKS)
      yield* this.#all(from, (at) => this.#call.pairsIn(at, to, size, DIFFERENCE_WORD));
  }

  *#all(from: number, pass: (from: number) => number): Generator<TextPlace> {
    for (let next = from; next >= 0; ) {
      next = pass(next);
      const words = this.#call.count() * (BYTES_EACH / 4);
      // Copied: the next pass may begin before the last record is taken.
      const records = this.#records.slice(0, words);
      for (let i = 0; i < words; i += 3)
        yield { at: records[i]!, length: records[i + 1]!, kind: records[i + 2]! };
    }
  }

  /** Overwrites what was read. */
  wipe(): void {
    this.room.fill(0);
    this.#records.fill(0);
  }
}
