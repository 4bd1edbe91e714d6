import { DumpsieveError } from '../runtime/errors.js';

/** Byte order of a dump. */
export type Endian = 'le' | 'be';

/** A field outside the available bytes, or a 64-bit value that is not a safe integer. */
export class OutOfBounds extends DumpsieveError {
  constructor(what: string, offset: number) {
    super({ code: 'malformed', message: `${what} at offset ${offset}`, offset }, 2);
    this.name = 'OutOfBounds';
  }
}

/**
 * Bounds-checked reads of binary fields; the bytes may be hostile. Every method throws {@link OutOfBounds} if
 * the field is not wholly inside. Offsets are in bytes.
 */
export class FieldReader {
  readonly bytes: Uint8Array;
  readonly endian: Endian;
  readonly #view: DataView;
  /** File offset of bytes[0], for messages. */
  readonly base: number;

  constructor(bytes: Uint8Array, endian: Endian, base = 0) {
    this.bytes = bytes;
    this.endian = endian;
    this.base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  #check(at: number, size: number): void {
    if (!Number.isSafeInteger(at) || at < 0 || at + size > this.bytes.length) {
      throw new OutOfBounds(`a field of ${size} bytes is outside its structure`, this.base + at);
    }
  }

  u8(at: number): number {
    this.#check(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, this.endian === 'le');
  }

  u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, this.endian === 'le');
  }

  /** An address or any 64-bit value, exact. */
  u64(at: number): bigint {
    this.#check(at, 8);
    return this.#view.getBigUint64(at, this.endian === 'le');
  }

  /** A 64-bit file offset, size or count; throws above 2^53 - 1. */
  size64(at: number): number {
    const value = this.u64(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new OutOfBounds(`a 64-bit field of ${value} is out of range`, this.base + at);
    return Number(value);
  }

  /** A view, not a copy. */
  slice(at: number, length: number): Uint8Array {
    this.#check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Latin-1 text up to a NUL or `max` bytes. */
  cstring(at: number, max: number): string {
    this.#check(at, 0);
    const end = Math.min(at + max, this.bytes.length);
    let stop = at;
    while (stop < end && this.bytes[stop] !== 0) stop++;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, stop - at).toString('latin1');
  }
}
