import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { RowTable } from './layout.js';

const READ = 2 ** 18;
const ZERO = 0x30;
const COMMA = 0x2c;

/** Reads the rows of a table in order, some at a time. Numbers of more than 32 bits lose their high bits. */
export class RowCursor {
  readonly #reader: ByteReader;
  readonly #end: number;
  readonly #bytes: Uint8Array;
  readonly #width: number;
  /** Index of the next byte, and number of bytes that were read. */
  #at = 0;
  #filled = 0;
  /** File offset of the first byte that was read. */
  #base: number;

  /** `size`: bytes that are read at once. */
  constructor(reader: ByteReader, { start, end, width }: RowTable, size = READ) {
    this.#reader = reader;
    this.#bytes = new Uint8Array(size);
    this.#base = start;
    this.#end = end;
    this.#width = width;
  }

  /** File offset of the next row, or of white space before it. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Goes to a row whose {@link offset} is known. */
  seek(offset: number): void {
    const at = offset - this.#base;
    if (at >= 0 && at <= this.#filled) this.#at = at;
    else [this.#base, this.#at, this.#filled] = [offset, 0, 0];
  }

  /** Fills `rows`, which has room for whole rows. Returns how many there are. */
  read(rows: Uint32Array): number {
    let count = 0;
    let number = 0;
    let digits = false;
    while (count < rows.length) {
      if (this.#at === this.#filled && !this.#refill()) {
        if (digits) rows[count++] = number;
        break;
      }
      const [bytes, filled] = [this.#bytes, this.#filled];
      let at = this.#at;
      for (; at < filled; at++) {
        const byte = bytes[at]!;
        const digit = byte - ZERO;
        if (digit >= 0 && digit <= 9) {
          number = (Math.imul(number, 10) + digit) >>> 0;
          digits = true;
        } else if (byte === COMMA) {
          rows[count++] = number;
          number = 0;
          digits = false;
          if (count === rows.length) {
            at++;
            break;
          }
        }
      }
      this.#at = at;
    }
    return Math.floor(count / this.#width);
  }

  #refill(): boolean {
    this.#base += this.#filled;
    this.#at = 0;
    const length = Math.max(0, Math.min(this.#bytes.length, this.#end - this.#base));
    this.#filled = length === 0 ? 0 : this.#reader.read(this.#base, this.#bytes.subarray(0, length));
    return this.#filled > 0;
  }
}
