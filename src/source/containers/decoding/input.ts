import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { type ByteReader, openStorage, type Storage } from '../../../core/base/bytes/storage.js';

/** Bytes of a read. A larger window decodes more content in one call. */
const WINDOW = 2 * 1024 * 1024;
/** Upper bound on the look-ahead, in bytes. */
const AHEAD = 256 * 1024;

/** A container's stored bytes in order, with look-ahead, to the end of the file, which may have grown. */
export class DecoderInput {
  readonly #storage: Storage;
  readonly #reader: ByteReader;
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

  /** A new input of the same bytes from another offset on. */
  rewound(offset: number): DecoderInput {
    return new DecoderInput(this.#storage, offset);
  }

  /** Offset of the next byte in the container. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** The next `count` bytes (at most 256 KiB), fewer only at the end; valid until the next call. */
  peek(count: number): Uint8Array {
    if (this.#end - this.#start < count && !this.#atEnd) this.#fill();
    return this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + count));
  }

  /** True if `peek` can return `count` bytes, or everything up to the end, without another read. */
  isBuffered(count: number): boolean {
    return this.#atEnd || this.#end - this.#start >= count;
  }

  /**
   * The last `count` bytes that were skipped since {@link
   * isBuffered} was false; valid until it has been false twice.
   */
  skipped(count: number): Uint8Array {
    return this.#buffer.subarray(this.#start - count, this.#start);
  }

  /** The next bytes as little-endian fields. */
  fields(count: number): FieldReader {
    return new FieldReader(this.peek(count), 'le', this.offset);
  }

  /** Skips at most `count` bytes; returns how many there were. */
  skip(count: number): number {
    const buffered = Math.min(count, this.#end - this.#start);
    this.#start += buffered;
    if (buffered === count) return count;
    // The bytes are not read: if the last one exists, all do.
    const probe = Buffer.alloc(1);
    const target = this.offset + (count - buffered);
    if (this.#reader.read(target - 1, probe) === 1) {
      this.#base = target;
      this.#start = 0;
      this.#end = 0;
      this.#atEnd = false;
      return count;
    }
    let skipped = buffered;
    for (let more = this.peek(AHEAD).length; more > 0; more = this.peek(AHEAD).length) {
      this.#start += more;
      skipped += more;
    }
    return skipped;
  }

  #fill(): void {
    // The other buffer: a caller may still use this one.
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
