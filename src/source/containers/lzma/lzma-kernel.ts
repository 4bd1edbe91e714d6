import { newKernel } from '../decoding/kernel.js';

interface Program {
  output(): number;
  input(): number;
  isFinished(): number;
  resetWindow(dictionary: number): void;
  slide(count: number): void;
  setProperties(lc: number, lp: number, pb: number): void;
  resetState(): void;
  begin(at: number): void;
  continueAt(at: number): void;
  append(from: number, count: number): void;
  run(room: number, end: number, whole: number): number;
  setTables(): void;
  crc64(sum: bigint, at: number, length: number): bigint;
}

/** Why decoding stopped; the kernel's numbers are those of lzma-state.as.ts. */
export type Stop = 'full' | 'input' | 'end' | 'far';
const STOPS: readonly Stop[] = ['full', 'input', 'end', 'far'];

/** Memory layout, as in lzma-state.as.ts. */
const IN = 0x10000;
const WINDOW = 0x640000;
const PAGE = 0x10000;

/** Upper bounds on lc + lp. */
export const LITERAL_BITS = { lzma: 12, lzma2: 4 };

/** Largest input of one call, in bytes: that of an LZMA2 chunk. */
export const INPUT = 0x10000;
/** Bytes readable after the input: those of a symbol that begins within it. */
const BEYOND = 32;
/** Bytes overwritten after the output. */
const OVERRUN = 8;

/** Most history that is kept, in bytes: twice the largest dictionary of xz's presets. */
const HISTORY = 128 * 1024 * 1024;
/** Bytes that are decoded at least before the history is moved to the start of the window. */
const SLACK = 4 * 1024 * 1024;

/** Room of a window: its history, and a part of that, so that moving it costs little. */
const capacity = (history: number): number => history + Math.max(SLACK, history / 4);

/** The LZMA decoder in WebAssembly, with a window that grows with the content. */
export class LzmaKernel {
  readonly #memory = new WebAssembly.Memory({ initial: WINDOW / PAGE + 1 });
  readonly #call = newKernel<Program>('lzma', this.#memory);
  #history = 0;
  #taken = WINDOW;

  /** Upper bound on the history, in bytes. */
  readonly limit: number;

  constructor(limit = HISTORY) {
    this.limit = limit;
    this.#call.setTables();
    this.resetWindow(0);
  }

  /** Forgets the output. The dictionary's size is in bytes. */
  resetWindow(dictionary: number): void {
    this.#history = Math.min(Math.max(dictionary, 4096), this.limit);
    this.#call.resetWindow(this.#history);
    this.#taken = WINDOW;
  }

  /**
   * The properties' byte (LZMA SDK, lzma-specification.txt), with which the state is reset. False if it is
   * invalid: LZMA2 and xz allow less than LZMA (`most`: bits that choose the probabilities of a literal).
   */
  setProperties(byte: number, most = LITERAL_BITS.lzma2): boolean {
    const [lc, lp, pb] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)];
    if (pb > 4 || lc + lp > most) return false;
    this.#call.setProperties(lc, lp, pb);
    this.#call.resetState();
    return true;
  }

  resetState(): void {
    this.#call.resetState();
  }

  /** Starts the range decoder at the first five bytes of `bytes`. False if they are invalid. */
  begin(bytes: Uint8Array): boolean {
    if (bytes.length < 5 || bytes[0] !== 0) return false;
    this.#write(bytes.subarray(0, 5));
    this.#call.begin(IN);
    return true;
  }

  /**
   * Decodes until there are `room` more bytes of output (at most 2 MiB). `whole`: no input follows. Returns
   * the bytes of input consumed; if input follows, the last 20 are left.
   */
  decode(bytes: Uint8Array, room: number, whole: boolean): { stop: Stop; used: number } {
    this.#makeRoom(room);
    this.#write(bytes);
    this.#call.continueAt(IN);
    const stop = STOPS[this.#call.run(room, IN + bytes.length, whole ? 1 : 0)]!;
    return { stop, used: this.#call.input() - IN };
  }

  /** Adds stored bytes to the output. */
  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#write(bytes);
    this.#call.append(IN, bytes.length);
  }

  /** True if the range decoder is where an encoder leaves it at the end of a stream or chunk. */
  get isFinished(): boolean {
    return this.#call.isFinished() !== 0;
  }

  /** A copy of the output since the last call. */
  take(): Uint8Array {
    const out = this.#call.output();
    const bytes = new Uint8Array(this.#memory.buffer, this.#taken, out - this.#taken).slice();
    this.#taken = out;
    return bytes;
  }

  /** CRC-64 of ECMA-182, continued from `sum`. */
  crc64(sum: bigint, bytes: Uint8Array): bigint {
    let word = sum;
    for (let at = 0; at < bytes.length; at += INPUT) {
      const part = bytes.subarray(at, at + INPUT);
      this.#write(part);
      word = this.#call.crc64(word, IN, part.length);
    }
    return BigInt.asUintN(64, word);
  }

  #write(bytes: Uint8Array): void {
    const target = new Uint8Array(this.#memory.buffer, IN, INPUT + BEYOND);
    target.set(bytes);
    target.fill(0, bytes.length, bytes.length + BEYOND);
  }

  #makeRoom(count: number): void {
    let out = this.#call.output();
    if (out + count > WINDOW + capacity(this.#history)) {
      // A multiple of 16: positions count modulo that.
      const kept = Math.min(out - WINDOW, Math.ceil(this.#history / 16) * 16);
      this.#call.slide(kept & ~15);
      out = this.#call.output();
      this.#taken = out;
    }
    const missing = out + count + OVERRUN - this.#memory.buffer.byteLength;
    // At least a quarter more, since growing may copy.
    const most = Math.ceil((WINDOW + capacity(this.#history) + OVERRUN) / PAGE);
    const pages = this.#memory.buffer.byteLength / PAGE;
    if (missing > 0) {
      this.#memory.grow(Math.max(Math.ceil(missing / PAGE), Math.min(most - pages, Math.ceil(pages / 4))));
    }
  }
}
