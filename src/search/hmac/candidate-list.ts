import { grown, nextCapacity, releasable, release } from '../../base/bytes/growable-array.js';
import { PAD_ENTRIES } from './hmac-pads.js';
import type { SecretCandidate } from './secret-candidate.js';

const FORMS: readonly SecretCandidate['form'][] = ['key', ...PAD_ENTRIES.map(([form]) => form)];
const READINGS: readonly SecretCandidate['reading'][] = ['bytes-be', 'base64', 'base64url', 'hex'];

/** Bounds the work if a hostile dump makes hashes equal: further copies are then listed again. */
const MOST_PROBES = 32;
/** Bytes of a key on average, for the first allocation. */
const ROOM = { keys: 64, bytes: 32 };
/** Bytes by which the keys grow in place; fewer double. */
const STEP = 1 << 18;
/** Bytes of the longest key. */
const LONGEST = 512;

/**
 * HMAC pads a key with zeros (RFC 2104, section 2), so all-zero keys equal the empty key, which is no secret.
 */
const isAllZero = (key: Uint8Array): boolean => key.every((byte) => byte === 0);

/**
 * Distinct keys with the places of their first candidates, in order of arrival: 25 bytes each, and the key.
 */
export class CandidateList {
  readonly #most: number;
  size = 0;
  /** Range of the file in which the candidates lie. */
  from = Number.POSITIVE_INFINITY;
  to = 0;
  #bytes = new Uint8Array(ROOM.keys * ROOM.bytes);
  #ends = new Uint32Array(ROOM.keys + 1);
  #hashes = new Uint32Array(ROOM.keys);
  #offsets = new Float64Array(ROOM.keys);
  #lengths = new Uint32Array(ROOM.keys);
  #kinds = new Uint8Array(ROOM.keys);
  /** Open addressing: index + 1. At most half full. */
  #slots = releasable(2 * ROOM.keys);

  constructor(most: number) {
    this.#most = most;
  }

  /** False if there is no room. */
  add({ key, offset, length, form, reading }: SecretCandidate): boolean {
    if (isAllZero(key)) return true;
    const hash = hashOf(key);
    if (this.#find(key, hash) >= 0) return true;
    if (this.size >= this.#most) return false;
    this.from = Math.min(this.from, offset);
    this.to = Math.max(this.to, offset + length);
    const at = this.#ends[this.size]!;
    this.#reserve(at + key.length);
    this.#bytes.set(key, at);
    this.#ends[this.size + 1] = at + key.length;
    this.#hashes[this.size] = hash;
    this.#offsets[this.size] = offset;
    this.#lengths[this.size] = length;
    this.#kinds[this.size] = FORMS.indexOf(form) * 8 + READINGS.indexOf(reading);
    this.#enter(this.size++, hash);
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

  at(index: number): SecretCandidate {
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
    this.#slots.fill(0);
    this.size = 0;
    this.from = Number.POSITIVE_INFINITY;
    this.to = 0;
  }

  #find(key: Uint8Array, hash: number): number {
    const last = this.#slots.length - 1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const index = this.#slots[(hash + i) & last]! - 1;
      if (index < 0 || (this.#hashes[index] === hash && Buffer.compare(this.key(index), key) === 0))
        return index;
    }
    return -1;
  }

  #enter(index: number, hash: number): void {
    const last = this.#slots.length - 1;
    for (let i = 0; i < MOST_PROBES; i++) {
      const at = (hash + i) & last;
      if (this.#slots[at] !== 0) continue;
      this.#slots[at] = index + 1;
      return;
    }
  }

  /** Frees the memory. */
  release(): void {
    this.clear();
    for (const column of [this.#bytes, this.#ends, this.#hashes, this.#offsets, this.#lengths, this.#kinds])
      release(column);
    release(this.#slots);
  }

  #reserve(bytes: number): void {
    const { length } = this.#bytes;
    if (bytes > length)
      this.#bytes = grown(
        this.#bytes,
        Math.max(bytes, Math.min(2 * length, length + STEP)),
        this.#most * LONGEST,
      );
    if (this.size < this.#offsets.length) return;
    const room = Math.max(nextCapacity(this.size, this.#most), this.size + 1);
    const most = this.#most + 1;
    this.#ends = grown(this.#ends, room + 1, most + 1);
    this.#hashes = grown(this.#hashes, room, most);
    this.#offsets = grown(this.#offsets, room, most);
    this.#lengths = grown(this.#lengths, room, most);
    this.#kinds = grown(this.#kinds, room, most);
    if (this.#slots.length >= 2 * room) return;
    release(this.#slots);
    this.#slots = releasable(2 * this.#slots.length);
    for (let i = 0; i < this.size; i++) this.#enter(i, this.#hashes[i]!);
  }
}

/** FNV-1a. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
