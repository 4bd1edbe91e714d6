import { grown, nextCapacity, release } from '../../../core/base/bytes/growable-array.js';
import { HashSlots } from '../../core/hash-slots.js';
import { type HmacSecret, PAD_ENTRIES } from './hmac-secret.js';

const FORMS: readonly HmacSecret['form'][] = ['key', ...PAD_ENTRIES.map(([form]) => form)];
const READINGS: readonly HmacSecret['reading'][] = ['bytes-be', 'base64', 'base64url', 'hex'];

/** Bytes of a key on average, for the first allocation. */
const ROOM = { keys: 64, bytes: 32 };
/** Bytes by which the keys grow in place; fewer double. */
const STEP = 1 << 18;
/** Bytes of the longest key. */
const LONGEST = 512;

/**
 * HMAC pads a key with zeros (RFC 2104, section 2), so all-zero keys equal the empty key, which is no secret.
 */
function isAllZero({ bytes, from, to }: StoredKey): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Bytes [from, to) of some, stored as they are in `length` bytes of the file. */
export interface StoredKey {
  bytes: Uint8Array;
  from: number;
  to: number;
  offset: number;
  length: number;
}

/**
 * Distinct keys with the places of their first candidates, in order of arrival: 25 bytes each, and the key.
 */
export class CandidateList {
  readonly #most: number;
  size = 0;
  /** Capacities in keys and in bytes: the length of a resizable column is slow to read. */
  readonly #room = { keys: ROOM.keys, bytes: ROOM.keys * ROOM.bytes };
  /** Range of the file in which the candidates lie. */
  from = Number.POSITIVE_INFINITY;
  to = 0;
  #bytes = new Uint8Array(ROOM.keys * ROOM.bytes);
  #ends = new Uint32Array(ROOM.keys + 1);
  #hashes = new Uint32Array(ROOM.keys);
  #offsets = new Float64Array(ROOM.keys);
  #lengths = new Uint32Array(ROOM.keys);
  #kinds = new Uint8Array(ROOM.keys);
  readonly #slots = new HashSlots(ROOM.keys);

  constructor(most: number) {
    this.#most = most;
  }

  /** False if there is no room. */
  add({ key, offset, length, form, reading }: HmacSecret): boolean {
    const kind = FORMS.indexOf(form) * 8 + READINGS.indexOf(reading);
    return this.addStored({ bytes: key, from: 0, to: key.length, offset, length }, kind);
  }

  /** A key stored as its own bytes. */
  addStored(stored: StoredKey, kind = 0): boolean {
    if (isAllZero(stored)) return true;
    const hash = hashOf(stored);
    if (this.#find(stored, hash) >= 0) return true;
    if (this.size >= this.#most) return false;
    const { bytes, from, to, offset, length } = stored;
    this.from = Math.min(this.from, offset);
    this.to = Math.max(this.to, offset + length);
    const at = this.#ends[this.size]!;
    const end = at + to - from;
    this.#reserve(end);
    for (let i = from; i < to; i++) this.#bytes[at + i - from] = bytes[i]!;
    this.#ends[this.size + 1] = end;
    this.#hashes[this.size] = hash;
    this.#offsets[this.size] = offset;
    this.#lengths[this.size] = length;
    this.#kinds[this.size] = kind;
    this.#slots.enter(this.size++, hash);
    return true;
  }

  /** A view, until the next {@link add}. */
  key(index: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[index]!, this.#ends[index + 1]!);
  }

  keys(from: number, to: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let i = from; i < Math.min(to, this.size); i++) keys.push(this.key(i));
    return keys;
  }

  at(index: number): HmacSecret {
    const kind = this.#kinds[index]!;
    return {
      key: Buffer.from(this.key(index)),
      offset: this.#offsets[index]!,
      length: this.#lengths[index]!,
      form: FORMS[kind >> 3]!,
      reading: READINGS[kind & 7]!,
    };
  }

  clear(): void {
    this.#bytes.fill(0, 0, this.#ends[this.size]);
    this.#slots.clear();
    this.size = 0;
    this.from = Number.POSITIVE_INFINITY;
    this.to = 0;
  }

  #find(stored: StoredKey, hash: number): number {
    for (let i = this.#slots.next(hash, 0); i >= 0; i = this.#slots.next(hash, i + 1)) {
      const index = this.#slots.row(hash, i);
      if (this.#hashes[index] === hash && this.#equals(index, stored)) return index;
    }
    return -1;
  }

  #equals(index: number, { bytes, from, to }: StoredKey): boolean {
    const start = this.#ends[index]!;
    if (this.#ends[index + 1]! - start !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#bytes[start + i - from] !== bytes[i]) return false;
    return true;
  }

  /** Frees the memory. */
  release(): void {
    this.clear();
    for (const column of [this.#bytes, this.#ends, this.#hashes, this.#offsets, this.#lengths, this.#kinds])
      release(column);
    this.#slots.release();
  }

  #reserve(bytes: number): void {
    const { bytes: length, keys } = this.#room;
    if (bytes > length) {
      this.#room.bytes = Math.max(bytes, Math.min(2 * length, length + STEP));
      this.#bytes = grown(this.#bytes, this.#room.bytes, this.#most * LONGEST);
    }
    if (this.size < keys) return;
    const room = Math.max(nextCapacity(this.size, this.#most), this.size + 1);
    const most = this.#most + 1;
    this.#room.keys = room;
    this.#ends = grown(this.#ends, room + 1, most + 1);
    this.#hashes = grown(this.#hashes, room, most);
    this.#offsets = grown(this.#offsets, room, most);
    this.#lengths = grown(this.#lengths, room, most);
    this.#kinds = grown(this.#kinds, room, most);
    this.#slots.reserve(room, this.#hashes, this.size);
  }
}

/** FNV-1a. */
function hashOf({ bytes, from, to }: StoredKey): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
