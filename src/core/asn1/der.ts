/**
 * A strict DER reader (ITU-T X.690, section 10): definite lengths in their shortest form, low tag numbers,
 * lengths up to 2^24 - 1 bytes, nesting up to 16. Nothing else is accepted.
 *
 * It does not throw: most bytes of a dump that look like DER are not, and an exception for each would be the
 * slowest part of a scan. The first fault is kept with its offset and every later read returns undefined, so
 * that a parser reads straight down and checks once at the end.
 */

/** Universal tags with their class and constructed bits (X.690, 8.1.2; X.680, 8.4). */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` EXPLICIT: constructed. */
export const explicit = (n: number): number => 0xa0 | n;
/** `[n]` IMPLICIT over a primitive type. */
export const implicit = (n: number): number => 0x80 | n;

const MAX_DEPTH = 16;

/** One element; offsets are into the reader's bytes. */
export interface Tlv {
  tag: number;
  /** Offset of the identifier octet. */
  at: number;
  /** Offset of the contents. */
  start: number;
  /** Offset after the contents; the end of the reader if the element is cut (lenient mode). */
  end: number;
  whole: boolean;
}

export interface DerFault {
  what: string;
  /** Offset into the reader's bytes. */
  offset: number;
}

export interface DerOptions {
  /** An element may extend past the end: it is clipped, `whole` is false, and nothing can follow it. */
  lenient?: boolean;
  depth?: number;
}

/**
 * Reads the identifier and length octets at `at`. Undefined if they are not DER as accepted here or not
 * wholly before `limit`; `end` may be beyond `limit`.
 */
export function header(bytes: Uint8Array, at: number, limit: number): Omit<Tlv, 'whole'> | undefined {
  if (at < 0 || at + 2 > limit) return undefined;
  const tag = bytes[at]!;
  if ((tag & 0x1f) === 0x1f) return undefined;
  const first = bytes[at + 1]!;
  if (first < 0x80) return { tag, at, start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  const start = at + 2 + octets;
  if (octets < 1 || octets > 3 || start > limit) return undefined;
  let length = 0;
  for (let i = at + 2; i < start; i++) length = length * 256 + bytes[i]!;
  // Shortest form (X.690, 10.1): the long form only from 128 on, without leading zero octets.
  if (length < 0x80 || (octets > 1 && length < 256 ** (octets - 1))) return undefined;
  return { tag, at, start, end: start + length };
}

export class Der {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** The first fault. */
  fault: DerFault | undefined;
  /** Lenient mode: an element extends past the end. */
  cut = false;
  #at: number;
  readonly #lenient: boolean;
  readonly #depth: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length, options: DerOptions = {}) {
    this.bytes = bytes;
    this.#at = at;
    this.end = Math.min(end, bytes.length);
    this.#lenient = options.lenient ?? false;
    this.#depth = options.depth ?? 0;
  }

  /** Offset of the next element. */
  get at(): number {
    return this.#at;
  }

  /** All elements were read without a fault. */
  get done(): boolean {
    return this.fault === undefined && !this.cut && this.#at === this.end;
  }

  /** Tag of the next element; -1 at the end. */
  peek(): number {
    return this.fault === undefined && this.#at < this.end ? this.bytes[this.#at]! : -1;
  }

  #fail(what: string, offset = this.#at): undefined {
    this.fault ??= { what, offset };
    return undefined;
  }

  /** The next element, of any tag or of this one. */
  next(tag?: number): Tlv | undefined {
    if (this.fault !== undefined) return undefined;
    const found = header(this.bytes, this.#at, this.end);
    if (found === undefined) {
      if (this.#lenient && this.end - this.#at < 5) this.cut = true;
      return this.#fail('no DER header of the forms allowed');
    }
    // No number in the message: formatting it for all the bytes that are not DER would dominate the scan.
    if (tag !== undefined && found.tag !== tag) return this.#fail('another tag than expected');
    const whole = found.end <= this.end;
    if (!whole && !this.#lenient) return this.#fail('an element ends outside its container');
    if (!whole) this.cut = true;
    const end = whole ? found.end : this.end;
    this.#at = end;
    return { tag: found.tag, at: found.at, start: found.start, end, whole };
  }

  /** The unread rest, as a view. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.#at, this.end);
  }

  /** Contents of the next element, whole, as a view. */
  contents(tag: number): Uint8Array | undefined {
    const tlv = this.next(tag);
    if (tlv === undefined) return undefined;
    if (!tlv.whole) return this.#fail('an element is cut', tlv.at);
    return this.bytes.subarray(tlv.start, tlv.end);
  }

  /** A reader over the contents of the next element: constructed, or an OCTET STRING that contains DER. */
  enter(tag: number): Der | undefined {
    if (this.#depth >= MAX_DEPTH) return this.#fail('nested too deep');
    const tlv = this.next(tag);
    if (tlv === undefined) return undefined;
    return new Der(this.bytes, tlv.start, tlv.end, { lenient: this.#lenient, depth: this.#depth + 1 });
  }

  /**
   * A non-negative INTEGER in its shortest form (X.690, 8.3.2): big-endian without leading zeros, a view.
   * Zero is one zero byte.
   */
  integer(): Uint8Array | undefined {
    const at = this.#at;
    const bytes = this.contents(TAG.integer);
    if (bytes === undefined) return undefined;
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) return this.#fail('an INTEGER is negative or empty', at);
    if (first !== 0 || bytes.length === 1) return bytes;
    return second! >= 0x80 ? bytes.subarray(1) : this.#fail('an INTEGER has leading zeros', at);
  }

  /** An INTEGER below 128: three octets. */
  small(): number | undefined {
    if (this.fault !== undefined) return undefined;
    const { bytes } = this;
    const at = this.#at;
    if (at + 3 > this.end || bytes[at] !== TAG.integer || bytes[at + 1] !== 1 || bytes[at + 2]! >= 0x80)
      return this.#fail('a small INTEGER is expected');
    this.#at = at + 3;
    return bytes[at + 2];
  }

  /** Contents of an OBJECT IDENTIFIER in lower-case hex, as in the tables of oids.ts. */
  oid(): string | undefined {
    const at = this.#at;
    const bytes = this.contents(TAG.oid);
    if (bytes === undefined) return undefined;
    if (bytes.length === 0 || bytes.length > 32)
      return this.#fail('an OBJECT IDENTIFIER of unlikely length', at);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  }

  /** BIT STRING of whole octets (X.690, 8.6), without its count of unused bits. */
  bits(tag: number = TAG.bitString): Uint8Array | undefined {
    const at = this.#at;
    const bytes = this.contents(tag);
    if (bytes === undefined) return undefined;
    return bytes[0] === 0 ? bytes.subarray(1) : this.#fail('a BIT STRING with unused bits', at);
  }
}
