import type { Reader } from '../storage.js';

/** Memory that is not cleared first: of what is given away only the bytes that were read are seen. */
const room = (length: number): Uint8Array => {
  const { buffer, byteOffset, byteLength } = Buffer.allocUnsafeSlow(Math.max(0, length));
  return new Uint8Array(buffer, byteOffset, byteLength);
};

/** Most windows are a few hundred bytes, far from the next one: a page costs what it takes to read it. */
const PAGE = 8 * 1024;
const KEPT = 4 * 1024 * 1024;

/**
 * A reader's bytes through the pages used last: 512 of 8 KiB, or as much in those of the reader's own size.
 * A page is written once, when it is read: what {@link Pages.read} returns may be a view of one and stays valid.
 */
export class Pages {
  readonly reader: Reader;
  readonly #pages = new Map<number, Uint8Array>();
  /** Bytes of a page. */
  readonly #size: number;

  constructor(reader: Reader) {
    this.reader = reader;
    this.#size = reader.unit ?? PAGE;
  }

  #page(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      const target = room(Math.min(this.#size, this.reader.length - index * this.#size));
      page = target.subarray(0, this.reader.read(index * this.#size, target));
      if (this.#pages.size >= KEPT / this.#size) this.#pages.delete(this.#pages.keys().next().value!);
    } else this.#pages.delete(index);
    this.#pages.set(index, page);
    return page;
  }

  /** Up to `length` bytes from `offset` on; fewer only where the stored bytes end. Not to be written to. */
  read(offset: number, length: number): Uint8Array {
    const first = Math.floor(offset / this.#size);
    const at = offset - first * this.#size;
    if (at + length <= this.#size) return this.#page(first).subarray(at, at + length);
    const target = room(Math.min(length, this.reader.length - offset));
    // Longer stretches are read at once and not kept.
    if (length > 2 * this.#size) return target.subarray(0, this.reader.read(offset, target));
    return target.subarray(0, this.#fill(offset, target));
  }

  #fill(offset: number, target: Uint8Array): number {
    let done = 0;
    while (done < target.length) {
      const index = Math.floor((offset + done) / this.#size);
      const at = offset + done - index * this.#size;
      const part = this.#page(index).subarray(at, at + target.length - done);
      if (part.length === 0) break;
      target.set(part, done);
      done += part.length;
    }
    return done;
  }
}
