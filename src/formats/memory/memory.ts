import type { ByteReader } from '../../core/base/bytes/storage.js';
import { readBytes } from './read.js';
import type { SegmentMap } from './segment-map.js';

/** Reads memory by address, across segments. */
export class Memory {
  readonly #reader: ByteReader;
  readonly #map: SegmentMap;

  constructor(reader: ByteReader, map: SegmentMap) {
    this.#reader = reader;
    this.#map = map;
  }

  /** Up to `length` bytes from a file offset. */
  stored(offset: number, length: number): Uint8Array {
    return readBytes(this.#reader, offset, length);
  }

  /** Up to `length` bytes from an address; fewer if the next bytes are not in the file. */
  read(address: bigint, length: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let done = 0;
    while (done < length) {
      const place = this.#map.place(address + BigInt(done));
      if (place === undefined) break;
      const inSegment = place.segment.offset + place.segment.length - place.offset;
      const part = readBytes(this.#reader, place.offset, Math.min(length - done, inSegment));
      if (part.length === 0) break;
      parts.push(part);
      done += part.length;
    }
    return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
  }
}
