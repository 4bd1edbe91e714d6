import { CachedReader } from '../../../core/base/bytes/cached-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Extent } from '../../../core/model/report.js';
import type { Segment } from '../../memory/types.js';

/** Addresses of user space on all 64-bit machines, exact as numbers. */
const MOST_ADDRESS = 2 ** 52;

interface Range {
  address: number;
  end: number;
  offset: number;
}

/** Little-endian memory of a process, by addresses as numbers. Bytes that are not in the file are absent. */
export class AddressedMemory {
  readonly #pages: CachedReader;
  /** Ascending by address. */
  readonly #ranges: readonly Range[];
  /** The range of the last read: most reads are near it. */
  #last: Range | undefined;

  constructor(reader: ByteReader, segments: readonly Segment[]) {
    this.#pages = new CachedReader(reader);
    this.#ranges = segments
      .filter(({ address }) => address < MOST_ADDRESS)
      .map(({ address, length, offset }) => {
        return { address: Number(address), end: Number(address) + length, offset };
      })
      .sort((a, b) => a.address - b.address);
  }

  /** The range of the file that has `length` bytes from an address. */
  extent(address: number, length: number): Extent | undefined {
    const range = this.#rangeAt(address);
    if (range === undefined || address + length > range.end) return undefined;
    return { offset: range.offset + address - range.address, length };
  }

  /** All bytes, within one segment. */
  bytes(address: number, length: number): Uint8Array | undefined {
    const extent = this.extent(address, length);
    if (extent === undefined) return undefined;
    const bytes = this.#pages.read(extent.offset, length);
    return bytes.length === length ? bytes : undefined;
  }

  /** The bytes before an address, within one segment. */
  before(address: number, most: number): Uint8Array {
    const range = this.#rangeAt(address - 1);
    const length = range === undefined ? 0 : Math.min(most, address - range.address);
    return this.bytes(address - length, length) ?? new Uint8Array();
  }

  u8(address: number): number | undefined {
    return this.bytes(address, 1)?.[0];
  }

  u16(address: number): number | undefined {
    return this.#number(address, 2);
  }

  u32(address: number): number | undefined {
    return this.#number(address, 4);
  }

  /** Undefined for a number that is no address, too. */
  u64(address: number): number | undefined {
    const bytes = this.bytes(address, 8);
    if (bytes === undefined) return undefined;
    const value = number(bytes, 0, 4) + 2 ** 32 * number(bytes, 4, 4);
    return value < MOST_ADDRESS ? value : undefined;
  }

  #number(address: number, length: number): number | undefined {
    const bytes = this.bytes(address, length);
    return bytes && number(bytes, 0, length);
  }

  #rangeAt(address: number): Range | undefined {
    const last = this.#last;
    if (last !== undefined && address >= last.address && address < last.end) return last;
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    if (range === undefined || address >= range.end) return undefined;
    this.#last = range;
    return range;
  }
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = 256 * value + bytes[at + i]!;
  return value;
}
