import type { DecoderInput } from '../decoding/input.js';
import { type BlockOutcome, newKernel, OUTCOMES } from '../decoding/kernel.js';

interface Program {
  setTables(): void;
  seek(at: number, bit: number, end: number): void;
  position(): number;
  bits(count: number): number;
  readBlock(most: number): number;
  drain(): number;
  checksum(): number;
}

/** Memory layout, as in bzip2.as.ts. */
const IN = 0x400000;
const OUT = 0x800000;
const OUT_SIZE = 0x100000;
const PAGE = 0x10000;

/** Bytes readable after the input. */
const BEYOND = 1024;
const INPUT = OUT - IN - BEYOND;
/** Longest block: 900,001 codes of 20 bits, and its tables, which have no bound but need little. */
const BLOCK = 2_400_000;
const PEEK = 256 * 1024;

/** The bzip2 block decoder in WebAssembly, and bits of the input. */
export class Bzip2Kernel {
  readonly #memory = new WebAssembly.Memory({ initial: (OUT + OUT_SIZE) / PAGE });
  readonly #bytes = new Uint8Array(this.#memory.buffer);
  readonly #call = newKernel<Program>('bzip2', this.#memory);
  readonly #input: DecoderInput;
  /** Offset in the container of the first byte in memory, and how many are there. */
  #base: number;
  #length = 0;

  constructor(input: DecoderInput) {
    this.#call.setTables();
    this.#input = input;
    this.#base = input.offset;
    this.#call.seek(IN, 0, IN);
  }

  /** Offset in the container of the next bit's byte. */
  get offset(): number {
    return this.#base + Math.floor(this.#call.position() / 8) - IN;
  }

  /** True if more was read than the input has. */
  get isCut(): boolean {
    return this.#call.position() > 8 * (IN + this.#length);
  }

  /** Skips to the next whole byte. */
  align(): void {
    const odd = this.#call.position() % 8;
    if (odd > 0) this.#call.bits(8 - odd);
  }

  /** Makes the longest block available, or the rest of the input. */
  fill(): void {
    const position = this.#call.position();
    const from = Math.floor(position / 8) - IN;
    const rest = this.#length - from;
    if (rest >= BLOCK || this.#input.peek(1).length === 0) return;
    this.#bytes.copyWithin(IN, IN + from, IN + this.#length);
    this.#base += from;
    this.#length = rest;
    while (this.#length < INPUT) {
      const part = this.#input.peek(Math.min(PEEK, INPUT - this.#length));
      if (part.length === 0) break;
      this.#bytes.set(part, IN + this.#length);
      this.#length += part.length;
      this.#input.skip(part.length);
    }
    this.#call.seek(IN, position % 8, IN + this.#length);
  }

  /** The next bits, at most 32. */
  bits(count: number): number {
    return this.#call.bits(count) >>> 0;
  }

  /** Reads a block after its checksum. `most`: upper bound on its bytes before run-length decoding. */
  readBlock(most: number): BlockOutcome {
    return OUTCOMES[this.#call.readBlock(most)]!;
  }

  /** Yields copies of the block's content. */
  *content(): Generator<Uint8Array> {
    for (let count = OUT_SIZE; count === OUT_SIZE; ) {
      count = this.#call.drain();
      if (count > 0) yield this.#bytes.slice(OUT, OUT + count);
    }
  }

  /** CRC-32 of the block's content that was yielded. */
  checksum(): number {
    return this.#call.checksum() >>> 0;
  }
}
