import { lengthened, nextRoom, release } from './growing.js';

/** Most numbers of one size: 60 bytes and more each. */
const MOST = 1 << 18;
/** Numbers that there is room for at first: there are dozens of sets, and most stay small. */
const ROOM = 16;
/** Slots that are looked at for a number: a hostile dump may make their hashes equal, which then costs no more than copies. */
const MOST_PROBES = 32;

/**
 * Distinct byte strings of one size with the place of each, in the order in which they came. (Where too many have one hash, some
 * are kept each time they come.)
 */
export class NumberSet {
  readonly size: number;
  length = 0;
  #bytes: Buffer;
  #offsets = new Float64Array(ROOM);
  #lasts = new Float64Array(ROOM);
  #flags = new Uint8Array(ROOM);
  /** Open addressing: index + 1 of a number, at its hash or behind it; at most half of the slots are taken. */
  #slots = new Int32Array(2 * ROOM);

  constructor(size: number) {
    this.size = size;
    this.#bytes = Buffer.alloc(ROOM * size);
  }

  /**
   * Adds bytes[at, at + size). A number that is there already gains the flags, and with a new flag the place.
   * False where there is no room.
   */
  add(bytes: Uint8Array, at: number, offset: number, flags: number): boolean {
    let slot = this.#slotOf(bytes, at);
    const known = this.#find(bytes, at, slot);
    if (known >= 0) {
      if ((flags & ~this.#flags[known]!) !== 0) this.#offsets[known] = offset;
      this.#flags[known]! |= flags;
      this.#lasts[known] = offset;
      return true;
    }
    if (this.length === MOST) return false;
    if (this.length === this.#offsets.length) {
      this.#grow();
      slot = this.#slotOf(bytes, at);
    }
    this.#bytes.set(bytes.subarray(at, at + this.size), this.length * this.size);
    this.#offsets[this.length] = offset;
    this.#lasts[this.length] = offset;
    this.#flags[this.length] = flags;
    this.#enter(this.length, slot);
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

  /** Those of some indices, one after the other. By words: a view of each number is more than the number. */
  inOrder(indices: Uint32Array): Uint8Array {
    const words = this.size / 4;
    const from = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.length * words);
    const all = new Uint32Array(indices.length * words);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      for (let word = 0; word < words; word++) all[i * words + word] = from[index * words + word]!;
    }
    return new Uint8Array(all.buffer);
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  /** Where it came last. */
  last(index: number): number {
    return this.#lasts[index]!;
  }

  flags(index: number): number {
    return this.#flags[index]!;
  }

  *indicesWith(flag: number): Generator<number> {
    for (let i = 0; i < this.length; i++) if (this.#flags[i]! & flag) yield i;
  }

  /** Of no use any more. */
  release(): void {
    this.length = 0;
    const bytes = new Uint8Array(this.#bytes.buffer);
    for (const column of [bytes, this.#offsets, this.#lasts, this.#flags]) release(column);
  }

  /** Index of the number, or -1. */
  #find(bytes: Uint8Array, at: number, slot: number): number {
    const last = this.#slots.length - 1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const index = this.#slots[(slot + i) & last]! - 1;
      if (index < 0 || this.#equals(index, bytes, at)) return index;
    }
    return -1;
  }

  #enter(index: number, slot: number): void {
    const last = this.#slots.length - 1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const at = (slot + i) & last;
      if (this.#slots[at] !== 0) continue;
      this.#slots[at] = index + 1;
      return;
    }
  }

  /** The first slot of a number: a hash of all its bytes. */
  #slotOf(bytes: Uint8Array, at: number): number {
    let hash = 0;
    for (let i = at; i < at + this.size; i += 4) {
      const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      hash = Math.imul((hash << 5) ^ (hash >>> 27) ^ word, 0x9e3779b1);
    }
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }

  #equals(index: number, bytes: Uint8Array, at: number): boolean {
    const from = index * this.size;
    for (let i = 0; i < this.size; i++) if (this.#bytes[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    const room = nextRoom(this.length, MOST);
    const { buffer, length } = lengthened(bytes, room, MOST, this.size);
    this.#bytes = Buffer.from(buffer, 0, length);
    this.#offsets = lengthened(this.#offsets, room, MOST);
    this.#lasts = lengthened(this.#lasts, room, MOST);
    this.#flags = lengthened(this.#flags, room, MOST);
    // At most half of the slots are taken.
    if (this.#slots.length >= 2 * room) return;
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let i = 0; i < this.length; i++) this.#enter(i, this.#slotOf(this.#bytes, i * this.size));
  }
}
