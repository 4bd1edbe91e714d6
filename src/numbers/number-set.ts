/** Most numbers of one size: 40 bytes and more each. */
const MOST = 1 << 19;
const SLOTS = MOST * 2;

/** Distinct byte strings of one size with the place of each, in the order in which they came. */
export class NumberSet {
  readonly size: number;
  length = 0;
  #bytes: Buffer;
  #offsets = new Float64Array(256);
  #flags = new Uint8Array(256);
  /** Index + 1 by hash, linear probing. */
  #slots = new Uint32Array(1024);

  constructor(size: number) {
    this.size = size;
    this.#bytes = Buffer.alloc(256 * size);
  }

  /**
   * Adds bytes[at, at + size). A number that is there already gains the flags, and with a new flag the place.
   * False where there is no room.
   */
  add(bytes: Uint8Array, at: number, offset: number, flags: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, this.size);
    const slot = this.#find(view);
    const known = this.#slots[slot]!;
    if (known > 0) {
      const index = known - 1;
      if ((flags & ~this.#flags[index]!) !== 0) this.#offsets[index] = offset;
      this.#flags[index]! |= flags;
      return true;
    }
    if (this.length === MOST) return false;
    if (this.length === this.#offsets.length) this.#grow();
    this.#bytes.set(bytes.subarray(at, at + this.size), this.length * this.size);
    this.#offsets[this.length] = offset;
    this.#flags[this.length] = flags;
    this.#slots[slot] = ++this.length;
    if (this.length * 2 > this.#slots.length) this.#rehash();
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

  #find(view: DataView): number {
    const mask = this.#slots.length - 1;
    let slot = hash(view) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot]!;
      if (known === 0 || this.#equals(known - 1, view)) return slot;
    }
  }

  #equals(index: number, view: DataView): boolean {
    const at = index * this.size;
    for (let i = 0; i < this.size; i += 4) {
      if (this.#bytes.readUInt32LE(at + i) !== view.getUint32(i, true)) return false;
    }
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

  #rehash(): void {
    this.#slots = new Uint32Array(Math.min(SLOTS * 2, this.#slots.length * 2));
    for (let i = 0; i < this.length; i++) {
      const bytes = this.at(i);
      this.#slots[this.#find(new DataView(bytes.buffer, bytes.byteOffset, this.size))] = i + 1;
    }
  }
}

/** The first eight bytes are random already; the multiplication spreads what tables repeat. */
function hash(view: DataView): number {
  const mixed =
    Math.imul(view.getUint32(0, true), 0x9e3779b1) ^ Math.imul(view.getUint32(4, true), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
