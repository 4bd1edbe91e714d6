import type { ByteReader } from '../../core/base/bytes/storage.js';
import { INVALID, isSpace, type Section } from './sections.js';

const CHUNK = 2 ** 20;

/** A file in order, one chunk at a time. */
export class Chunks {
  readonly #reader: ByteReader;
  readonly #buffer: Uint8Array;
  #bytes: Uint8Array = new Uint8Array();
  /** Offset of the first byte of the chunk. */
  #base = 0;
  #at = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
    this.#buffer = new Uint8Array(Math.min(CHUNK, reader.length));
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Bytes of the chunk. */
  bytes(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** The next byte; -1 at the end. */
  next(): number {
    if (this.#at === this.#bytes.length && !this.#more()) return -1;
    return this.#bytes[this.#at++]!;
  }

  /** The next byte that is no space; -1 at the end. */
  nextToken(): number {
    let byte = this.next();
    while (isSpace(byte)) byte = this.next();
    return byte;
  }

  /** Reads a part. False if it is not as V8 writes it, or ends with the file. */
  async section(section: Section, pause: () => Promise<void>): Promise<boolean> {
    for (;;) {
      const end = section.feed(this.#bytes, this.#at);
      if (end === INVALID) return false;
      if (end >= 0) {
        this.#at = end;
        return true;
      }
      this.#at = this.#bytes.length;
      if (!this.#more()) return false;
      await pause();
    }
  }

  #more(): boolean {
    this.#base += this.#bytes.length;
    this.#at = 0;
    this.#bytes = this.#buffer.subarray(0, this.#reader.read(this.#base, this.#buffer));
    return this.#bytes.length > 0;
  }
}
