import { PAGE, type Reader } from '../../base/bytes/storage.js';

/** Memory that is not cleared first: of what is given away only the bytes that were read are seen. */
const uncleared = (length: number): Uint8Array => {
  const { buffer, byteOffset, byteLength } = Buffer.allocUnsafeSlow(Math.max(0, length));
  return new Uint8Array(buffer, byteOffset, byteLength);
};

const KEPT = 512;
/** Longer stretches are read at once and not kept. */
const LONG = 2 * PAGE;

/**
 * A reader's bytes through the 512 pages of 8 KiB used last.
 * A page is written once, when it is read: what {@link CachedReader.read} returns may be a view of one and stays valid.
 */
export class CachedReader {
  readonly reader: Reader;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(reader: Reader) {
    this.reader = reader;
  }

  #page(index: number): Uint8Array {
    let page = this.#pages.get(index);
    if (page === undefined) {
      const target = uncleared(Math.min(PAGE, this.reader.length - index * PAGE));
      page = target.subarray(0, this.reader.read(index * PAGE, target));
      if (this.#pages.size >= KEPT) this.#pages.delete(this.#pages.keys().next().value!);
    } else this.#pages.delete(index);
    this.#pages.set(index, page);
    return page;
  }

  /** Up to `length` bytes from `offset` on; fewer only where the stored bytes end. Not to be written to. */
  read(offset: number, length: number): Uint8Array {
    const first = Math.floor(offset / PAGE);
    const at = offset - first * PAGE;
    if (at + length <= PAGE) return this.#page(first).subarray(at, at + length);
    const target = uncleared(Math.min(length, this.reader.length - offset));
    if (length > LONG) return target.subarray(0, this.reader.read(offset, target));
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
