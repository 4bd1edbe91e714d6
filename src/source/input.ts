import { Fields } from '../base/bytes/field-reader.js';
import { openStorage, type Reader, type Storage } from '../base/bytes/storage.js';

/** Bytes that are read at once: more of them are more content that is decoded in one go. */
const WINDOW = 2 * 1024 * 1024;
/** The most that is looked ahead. */
const AHEAD = 256 * 1024;

/** A container's stored bytes in order, with look-ahead, to the end of what can be read (a file may have grown). */
export class Input {
  readonly #storage: Storage;
  readonly #reader: Reader;
  #buffer: Buffer;
  #spare: Buffer | undefined;
  #start = 0;
  #end = 0;
  #base = 0;
  #atEnd = false;

  constructor(storage: Storage, offset = 0) {
    this.#storage = storage;
    this.#reader = openStorage(storage);
    this.#buffer = Buffer.allocUnsafe(Math.min(WINDOW, Math.max(AHEAD, storage.length)));
    this.#base = offset;
  }

  /** The same bytes from another offset on, read on their own. */
  rewound(offset: number): Input {
    return new Input(this.#storage, offset);
  }

  /** Offset of the next byte in the container. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** Up to `count` (at most 256 KiB) of the next bytes, fewer only at the end; valid until the next call. */
  peek(count: number): Uint8Array {
    if (this.#end - this.#start < count && !this.#atEnd) this.#fill();
    return this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + count));
  }

  /** True where {@link peek} has so many bytes, or all that come, without reading: it then leaves the memory of others as it is. */
  has(count: number): boolean {
    return this.#atEnd || this.#end - this.#start >= count;
  }

  /** The last `count` bytes that were moved on by since {@link has} was false; valid until it has been false twice. */
  passed(count: number): Uint8Array {
    return this.#buffer.subarray(this.#start - count, this.#start);
  }

  /** The next bytes as little-endian fields. */
  fields(count: number): Fields {
    return new Fields(this.peek(count), 'le', this.offset);
  }

  /** Moves on by at most `count`; returns the bytes that were there to skip. */
  skip(count: number): number {
    const held = Math.min(count, this.#end - this.#start);
    this.#start += held;
    if (held === count) return count;
    // Not read at all: only the last byte tells whether they are there.
    const probe = Buffer.alloc(1);
    const target = this.offset + (count - held);
    if (this.#reader.read(target - 1, probe) === 1) {
      this.#base = target;
      this.#start = 0;
      this.#end = 0;
      this.#atEnd = false;
      return count;
    }
    let skipped = held;
    for (let more = this.peek(AHEAD).length; more > 0; more = this.peek(AHEAD).length) {
      this.#start += more;
      skipped += more;
    }
    return skipped;
  }

  #fill(): void {
    // Into other memory: some of this may be in use.
    const next = this.#spare ?? Buffer.allocUnsafe(this.#buffer.length);
    this.#buffer.copy(next, 0, this.#start, this.#end);
    this.#spare = this.#buffer;
    this.#buffer = next;
    this.#base += this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    const room = this.#buffer.subarray(this.#end);
    const count = this.#reader.read(this.#base + this.#end, room);
    this.#end += count;
    this.#atEnd = count < room.length;
  }
}
