import { type ByteReader, PAGE } from './storage.js';

/** Uninitialised memory: callers hand out only the part that was read into. */
const uncleared = (length: number): Uint8Array => {
  const { buffer, byteOffset, byteLength } = Buffer.allocUnsafeSlow(Math.max(0, length));
  return new Uint8Array(buffer, byteOffset, byteLength);
};

const MAX_PAGES = 512;
/** Longer reads bypass the cache. */
const MAX_CACHED_READ = 2 * PAGE;

/**
 * An LRU cache of 512 pages of 8 KiB over a reader. A page is never written to after it is filled, so a view
 * of it that {@link CachedReader.read} returned stays valid.
 */
export class CachedReader {
  readonly reader: ByteReader;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  #page(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      const target = uncleared(Math.min(PAGE, this.reader.length - index * PAGE));
      page = target.subarray(0, this.reader.read(index * PAGE, target));
      if (this.#pages.size >= MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value!);
    } else this.#pages.delete(index);
    this.#pages.set(index, page);
    return page;
  }

  /** Up to `length` bytes from `offset`, to be read only; fewer only at the end of the stored bytes. */
  read(offset: number, length: number): Uint8Array {
    const first = Math.floor(offset / PAGE);
    const at = offset - first * PAGE;
    if (at + length <= PAGE) return this.#page(first).subarray(at, at + length);
    const target = uncleared(Math.min(length, this.reader.length - offset));
    if (length > MAX_CACHED_READ) return target.subarray(0, this.reader.read(offset, target));
    return target.subarray(0, this.#fill(offset, target));
  }

  #fill(offset: number, target: Uint8Array): number {
    let done = 0;
    while (done < target.length) {
      const index = Math.floor((offset + done) / PAGE);
      const at = offset + done - index * PAGE;
      const part = this.#page(index).subarray(at, at + target.length - done);
      if (part.length === 0) break;
      target.set(part, done);
      done += part.length;
    }
    return done;
  }
}
