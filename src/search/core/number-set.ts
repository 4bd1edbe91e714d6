import { grown, nextCapacity, release } from '../../core/base/bytes/growable-array.js';
import { wipeAfterRuns } from '../../core/base/runtime/scratch.js';
import { FITTED } from '../../sweep/runs/records.js';
import { HashSlots } from './hash-slots.js';

/**
 * Capacity, at 64 bytes and more a number; the reserve is for numbers behind a header of exactly their
 * length.
 */
const MOST = 1 << 18;
const RESERVED = 1 << 15;
/** Initial capacity: there are dozens of sets, and most stay small. */
const ROOM = 16;

/**
 * An aligned copy of the number being added, which is at any byte of its dump. None has more than 128 bytes.
 */
const aligned = new Uint32Array(32);
const alignedBytes = new Uint8Array(aligned.buffer);
wipeAfterRuns(() => aligned.fill(0));

/** Distinct byte strings of one size, each with its places, in order of arrival. */
export class NumberSet {
  readonly size: number;
  length = 0;
  /** Capacity: the length of a resizable column is slow to read. */
  #room = ROOM;
  /** 32-bit words of a number. */
  readonly #width: number;
  #words: Uint32Array;
  #bytes: Buffer;
  #hashes = new Uint32Array(ROOM);
  #offsets = new Float64Array(ROOM);
  #lasts = new Float64Array(ROOM);
  #flags = new Uint8Array(ROOM);
  #times = new Uint32Array(ROOM);
  /** Kind of the word before it, at the first place and at the last. */
  #firstKinds = new Uint16Array(ROOM);
  #lastKinds = new Uint16Array(ROOM);
  readonly #slots = new HashSlots(ROOM);

  constructor(size: number) {
    this.size = size;
    this.#width = size / 4;
    this.#words = new Uint32Array(ROOM * this.#width);
    this.#bytes = Buffer.from(this.#words.buffer);
  }

  /** Adds bytes[at, at + size) at any alignment. */
  add(bytes: Uint8Array, at: number, offset: number, flags: number, kind = 0): boolean {
    for (let i = 0; i < this.size; i++) alignedBytes[i] = bytes[at + i]!;
    return this.addWords(aligned, 0, offset, flags, kind);
  }

  /** Adds numbers; returns the indices of those that were not in the set. */
  addAll(all: readonly { number: Uint8Array; offset: number; flags: number }[]): number[] {
    const first = this.length;
    for (const { number, offset, flags } of all) this.add(number, 0, offset, flags);
    return Array.from({ length: this.length - first }, (_, i) => first + i);
  }

  /** Index of the number at bytes[at, at + size), at any alignment; -1 if it is not in the set. */
  find(bytes: Uint8Array, at: number): number {
    for (let i = 0; i < this.size; i++) alignedBytes[i] = bytes[at + i]!;
    return this.#find(aligned, 0, this.#hashOf(aligned, 0));
  }

  /**
   * Adds the number in words[at, at + width), behind a word of some `kind` (16 bits). A known number gains
   * the flags, and with a new flag the place. False if there is no room.
   */
  addWords(words: Uint32Array, at: number, offset: number, flags: number, kind: number): boolean {
    const hash = this.#hashOf(words, at);
    const known = this.#find(words, at, hash);
    if (known >= 0) {
      if ((flags & ~this.#flags[known]!) !== 0) {
        this.#offsets[known] = offset;
        this.#firstKinds[known] = kind;
      }
      this.#flags[known]! |= flags;
      if (offset !== this.#lasts[known]) this.#times[known]!++;
      this.#lasts[known] = offset;
      this.#lastKinds[known] = kind;
      return true;
    }
    if (this.length >= (flags & FITTED ? MOST : MOST - RESERVED)) return false;
    if (this.length === this.#room) this.#grow();
    const from = this.length * this.#width;
    for (let i = 0; i < this.#width; i++) this.#words[from + i] = words[at + i]!;
    this.#hashes[this.length] = hash;
    this.#offsets[this.length] = offset;
    this.#lasts[this.length] = offset;
    this.#times[this.length] = 1;
    this.#flags[this.length] = flags;
    this.#firstKinds[this.length] = kind;
    this.#lastKinds[this.length] = kind;
    this.#slots.enter(this.length, hash);
    this.length++;
    return true;
  }

  /** All numbers, concatenated. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length * this.size);
  }

  at(index: number): Buffer {
    return this.#bytes.subarray(index * this.size, (index + 1) * this.size);
  }

  /** The numbers at some indices, concatenated. By words: a view of a number is larger than the number. */
  inOrder(indices: Uint32Array): Uint8Array {
    const width = this.#width;
    const all = new Uint32Array(indices.length * width);
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i]! * width;
      for (let word = 0; word < width; word++) all[i * width + word] = this.#words[from + word]!;
    }
    return new Uint8Array(all.buffer);
  }

  /** Range of file offsets of all numbers. */
  get extent(): { from: number; to: number } {
    let [from, to] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < this.length; i++) {
      from = Math.min(from, this.offset(i));
      to = Math.max(to, this.offset(i) + this.size);
    }
    return { from, to };
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  /** Offset of its last place. */
  last(index: number): number {
    return this.#lasts[index]!;
  }

  /** Number of places of a number. */
  times(index: number): number {
    return this.#times[index]!;
  }

  /** Kind of the word before it at {@link offset}; {@link lastKind} at {@link last}. */
  kind(index: number): number {
    return this.#firstKinds[index]!;
  }

  lastKind(index: number): number {
    return this.#lastKinds[index]!;
  }

  flags(index: number): number {
    return this.#flags[index]!;
  }

  *indicesWith(flag: number): Generator<number> {
    for (let i = 0; i < this.length; i++) if (this.#flags[i]! & flag) yield i;
  }

  /** Frees what only adding needs, 12 bytes a number. Nothing is added afterwards. */
  complete(): void {
    this.#slots.release();
    release(this.#hashes);
  }

  release(): void {
    this.complete();
    this.length = 0;
    for (const column of [this.#words, this.#offsets, this.#lasts, this.#flags, this.#times]) release(column);
    for (const column of [this.#firstKinds, this.#lastKinds]) release(column);
  }

  /** Index of the number, or -1. */
  #find(words: Uint32Array, at: number, hash: number): number {
    for (let i = this.#slots.next(hash, 0); i >= 0; i = this.#slots.next(hash, i + 1)) {
      const index = this.#slots.row(hash, i);
      if (this.#hashes[index] === hash && this.#equals(index, words, at)) return index;
    }
    return -1;
  }

  /** The lowest bits are the first slot. */
  #hashOf(words: Uint32Array, at: number): number {
    let hash = 0;
    for (let i = at; i < at + this.#width; i++)
      hash = Math.imul((hash << 5) ^ (hash >>> 27) ^ words[i]!, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #equals(index: number, words: Uint32Array, at: number): boolean {
    const from = index * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#words[from + i] !== words[at + i]) return false;
    return true;
  }

  #grow(): void {
    const room = nextCapacity(this.length, MOST);
    this.#room = room;
    this.#words = grown(this.#words, room, MOST, this.#width);
    this.#bytes = Buffer.from(this.#words.buffer, 0, room * this.size);
    this.#hashes = grown(this.#hashes, room, MOST);
    this.#offsets = grown(this.#offsets, room, MOST);
    this.#lasts = grown(this.#lasts, room, MOST);
    this.#flags = grown(this.#flags, room, MOST);
    this.#times = grown(this.#times, room, MOST);
    this.#firstKinds = grown(this.#firstKinds, room, MOST);
    this.#lastKinds = grown(this.#lastKinds, room, MOST);
    this.#slots.reserve(room, this.#hashes, this.length);
  }
}
