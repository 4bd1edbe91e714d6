/** Most numbers of one size: 40 bytes and more each. */
const MOST = 1 << 19;

/**
 * Distinct byte strings of one size with the place of each, in the order in which they came. (Two that differ only behind
 * their first 53 bits are kept each time they come.)
 */
export class NumberSet {
  readonly size: number;
  length = 0;
  #bytes: Buffer;
  #offsets = new Float64Array(256);
  #flags = new Uint8Array(256);
  /** Index of the first number with these 53 bits. */
  readonly #byStart = new Map<number, number>();

  constructor(size: number) {
    this.size = size;
    this.#bytes = Buffer.alloc(256 * size);
  }

  /**
   * Adds bytes[at, at + size). A number that is there already gains the flags, and with a new flag the place.
   * False where there is no room.
   */
  add(bytes: Uint8Array, at: number, offset: number, flags: number): boolean {
    const start = startOf(bytes, at);
    const known = this.#byStart.get(start);
    if (known !== undefined && this.#equals(known, bytes, at)) {
      if ((flags & ~this.#flags[known]!) !== 0) this.#offsets[known] = offset;
      this.#flags[known]! |= flags;
      return true;
    }
    if (this.length === MOST) return false;
    if (this.length === this.#offsets.length) this.#grow();
    this.#bytes.set(bytes.subarray(at, at + this.size), this.length * this.size);
    this.#offsets[this.length] = offset;
    this.#flags[this.length] = flags;
    if (known === undefined) this.#byStart.set(start, this.length);
    this.length++;
    return true;
  }

  /** All of them, one after the other. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length * this.size);
  }

  at(index: number): Buffer {
    return this.#bytes.subarray(index * this.size, (index + 1) * this.size);
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  flags(index: number): number {
    return this.#flags[index]!;
  }

  #equals(index: number, bytes: Uint8Array, at: number): boolean {
    const from = index * this.size;
    for (let i = 0; i < this.size; i++) if (this.#bytes[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #grow(): void {
    const [bytes, offsets, flags] = [this.#bytes, this.#offsets, this.#flags];
    this.#bytes = Buffer.alloc(bytes.length * 2);
    this.#bytes.set(bytes);
    this.#offsets = new Float64Array(offsets.length * 2);
    this.#offsets.set(offsets);
    this.#flags = new Uint8Array(flags.length * 2);
    this.#flags.set(flags);
  }
}

/** 53 bits of the first eight bytes: of random numbers, no two share them by chance. */
function startOf(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | ((bytes[at + 6]! & 0x1f) << 16);
  return (low >>> 0) + high * 2 ** 32;
}
