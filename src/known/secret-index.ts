import { randomInt } from 'node:crypto';
import { partitionPoint } from '../base/bytes/binary-search.js';
import { grown, nextCapacity } from '../base/bytes/growable-array.js';

/** Bytes that are hashed for a look-up. */
const WINDOW = 8;
/** Bytes. Shorter secrets are left out: they would mask half of every text. */
export const SHORTEST_SECRET = 6;
/** Bytes of the shortest part of a secret that is masked: at its start, or anywhere in it. */
const LEAST_PART = { start: 12, binary: 12, text: 16 } as const;
/** Parts in the middle of a text of more bytes than {@link LONG} are masked from this length on. */
const LEAST_MIDDLE = 64;
const LONG = 256;
/**
 * Secrets indexed under one window. Tokens of one issuer begin alike: those beyond the cap are found by their
 * other windows.
 */
const SAME_WINDOW = 4;
/** Share of taken slots above which the table doubles. */
const MOST_LOAD = 0.7;
/** Caps; beyond them only the rules mask. */
const MOST = { bytes: 1 << 25, windows: 1 << 22 };
const MOST_ENTRIES = MOST.bytes / WINDOW;

/** A secret, or a part of one, in some bytes; `end` is exclusive. */
export interface Match {
  start: number;
  end: number;
  ruleId: string;
}

/** A secret of the index: its bytes in the arena, and the length of the shortest part that is masked. */
interface Entry {
  from: number;
  to: number;
  least: number;
  ruleId: string;
}

/** Entries in six bytes each: as objects, those of 100,000 tokens take 12 MB. */
class EntryList {
  #ends = new Uint32Array(1 << 6);
  #kinds = new Uint16Array(1 << 6);
  #count = 0;
  /** Combinations of rule and kind: two for each rule at most. */
  readonly #distinct: { least: number; ruleId: string }[] = [];

  /** Where the next entry begins. */
  get end(): number {
    return this.#startOf(this.#count);
  }

  add(length: number, least: number, ruleId: string): void {
    if (this.#count === this.#ends.length) {
      const rows = nextCapacity(this.#count, MOST_ENTRIES);
      this.#ends = grown(this.#ends, rows, MOST_ENTRIES);
      this.#kinds = grown(this.#kinds, rows, MOST_ENTRIES);
    }
    this.#kinds[this.#count] = this.#kindOf(least, ruleId);
    this.#ends[this.#count] = this.end + length;
    this.#count++;
  }

  /** The entry that a place of the arena belongs to. */
  at(place: number): Entry {
    const index = partitionPoint(this.#count, (i) => this.#ends[i]! <= place);
    const [from, to] = [this.#startOf(index), this.#ends[index]!];
    const { least, ruleId } = this.#distinct[this.#kinds[index]!]!;
    return { from, to, least: Math.min(least, to - from), ruleId };
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #kindOf(least: number, ruleId: string): number {
    const known = this.#distinct.findIndex((each) => each.ruleId === ruleId && each.least === least);
    return known === -1 ? this.#distinct.push({ least, ruleId }) - 1 : known;
  }
}

/**
 * True with four distinct bytes: windows and parts with fewer (zeros, padding) are in every text. Without a
 * set: it is called for every window of every secret.
 */
function isVaried(bytes: Uint8Array, start: number, end: number): boolean {
  let [first, second, third] = [-1, -1, -1];
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === first || byte === second || byte === third) continue;
    if (first < 0) first = byte;
    else if (second < 0) second = byte;
    else if (third < 0) third = byte;
    else return true;
  }
  return false;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
/** Odd multipliers, new for each process: a dump cannot be made such that its secrets share a slot. */
const [FIRST, SECOND, THIRD] = Uint32Array.from({ length: 3 }, () => randomInt(2 ** 32) | 1);

/** Each step takes the high bits of a product down: its low bits depend on those of its factors alone. */
function mix(low: number, high: number): number {
  let hash = Math.imul(low, FIRST!);
  hash = Math.imul(hash ^ (hash >>> 16) ^ high, SECOND!);
  hash = Math.imul(hash ^ (hash >>> 15), THIRD!);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The first {@link SHORTEST_SECRET} bytes as an integer. */
const shortKey = (bytes: Uint8Array, at: number): number =>
  (wordAt(bytes, at) >>> 0) + (bytes[at + 4]! | (bytes[at + 5]! << 8)) * 2 ** 32;

/**
 * Secrets by the hashes of their windows of eight bytes. A look-up reads bytes once, whatever the number of
 * secrets. Of every part that is masked, one window is in the index: windows begin at such intervals.
 */
export class SecretIndex {
  /** Like the slots, of fixed length: elements of a resizable buffer take longer to read. */
  #arena = new Uint8Array(1 << 12);
  readonly #entries = new EntryList();
  /** Arena offset of a window, plus one; 0 is a free slot. */
  #slots = new Uint32Array(1 << 10);
  #windows = 0;
  /** Secrets shorter than a window, by their first bytes. */
  readonly #short = new Map<number, { bytes: Uint8Array; ruleId: string }[]>();

  get isEmpty(): boolean {
    return this.#windows === 0 && this.#short.size === 0;
  }

  /**
   * Adds a secret; `text`: its parts are characters. Returns false if it is known, too short, uniform, or
   * beyond the caps.
   */
  add(bytes: Uint8Array, ruleId: string, text: boolean): boolean {
    const { length } = bytes;
    if (length < SHORTEST_SECRET || (!text && !isVaried(bytes, 0, length))) return false;
    if (length < WINDOW) return this.#addShort(bytes, ruleId);
    const isFull = this.#entries.end + length > MOST.bytes || this.#windows + length > MOST.windows;
    if (isFull || this.#isKnown(bytes)) return false;
    const from = this.#store(bytes);
    const least = text ? LEAST_PART.text : LEAST_PART.binary;
    this.#entries.add(length, least, ruleId);
    for (const at of windowsOf(bytes, Math.min(length, least), text)) this.#insert(from + at);
    return true;
  }

  /** False if {@link matches} has none; it looks at windows alone. */
  mayMatch(bytes: Uint8Array, joined: boolean): boolean {
    if (!joined && this.#short.size > 0) return true;
    const last = bytes.length - WINDOW;
    if (this.#windows === 0 || last < 0) return false;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let [low, high] = [wordAt(bytes, 0), wordAt(bytes, 4)];
    for (let at = 0; at <= last; at++) {
      if (slots[mix(low, high) & mask] !== 0) return true;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) | (bytes[at + WINDOW]! << 24);
    }
    return false;
  }

  /**
   * The secrets in `bytes`. `joined`: words were joined, in which a short secret is there by chance. A match
   * may begin within the one before it.
   */
  *matches(bytes: Uint8Array, joined: boolean): Generator<Match> {
    if (!joined && this.#short.size > 0) yield* this.#shortMatches(bytes);
    const last = bytes.length - WINDOW;
    if (this.#windows === 0 || last < 0) return;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let [low, high] = [wordAt(bytes, 0), wordAt(bytes, 4)];
    let done = 0;
    for (let at = 0; at <= last; at++) {
      const slot = mix(low, high) & mask;
      const match = slots[slot] === 0 ? undefined : this.#longest(bytes, at, slot, done);
      if (match !== undefined) {
        yield match;
        done = Math.max(done, match.end);
        at = Math.max(at, match.end - WINDOW);
        [low, high] = [wordAt(bytes, at), wordAt(bytes, at + 4)];
      }
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) | (bytes[at + WINDOW]! << 24);
    }
  }

  /** The longest match with a window at `at`, whose first slot is known. */
  #longest(bytes: Uint8Array, at: number, first: number, done: number): Match | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let best: Match | undefined;
    for (let slot = first; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1;
      if (!this.#isWindow(bytes, at, place)) continue;
      const match = this.#extend(bytes, at, place, done);
      if (match && (best === undefined || match.end - match.start > best.end - best.start)) best = match;
    }
    return best;
  }

  #isWindow(bytes: Uint8Array, at: number, place: number): boolean {
    for (let i = 0; i < WINDOW; i++) if (bytes[at + i] !== this.#arena[place + i]) return false;
    return true;
  }

  /**
   * Backwards only into the match that ended at `done`, and as far as the length of a part needs: each of
   * many secrets that begin alike would be compared from its start.
   */
  #extend(bytes: Uint8Array, at: number, place: number, done: number): Match | undefined {
    const { from, to, ruleId, least } = this.#entries.at(place);
    const arena = this.#arena;
    let [before, after] = [0, WINDOW];
    while (place + after < to && at + after < bytes.length && bytes[at + after] === arena[place + after])
      after++;
    const most = Math.min(at, place - from, Math.max(at - done + 1, LEAST_MIDDLE));
    while (before < most && bytes[at - before - 1] === arena[place - before - 1]) before++;
    const length = before + after;
    if (length < to - from) {
      const isStart = place - before === from;
      if (length < (isStart ? LEAST_PART.start : least)) return undefined;
      if (!isVaried(bytes, at - before, at + after)) return undefined;
    }
    return { start: at - before, end: at + after, ruleId };
  }

  /** Overwrites all secrets, and forgets them. */
  wipe(): void {
    this.#arena.fill(0);
    this.#slots.fill(0);
    this.#windows = 0;
    for (const each of this.#short.values()) for (const { bytes } of each) bytes.fill(0);
    this.#short.clear();
  }

  #isKnown(bytes: Uint8Array): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = mix(wordAt(bytes, 0), wordAt(bytes, 4)) & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const place = slots[slot]! - 1;
      if (!this.#isWindow(bytes, 0, place)) continue;
      const { from, to } = this.#entries.at(place);
      if (place !== from || to - from !== bytes.length) continue;
      if (bytes.every((byte, i) => byte === this.#arena[from + i])) return true;
    }
    return false;
  }

  #insert(place: number): void {
    if (this.#windows + 1 > MOST_LOAD * this.#slots.length) this.#grow();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = mix(wordAt(this.#arena, place), wordAt(this.#arena, place + 4)) & mask;
    let same = 0;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#isWindow(this.#arena, place, slots[slot]! - 1) && ++same >= SAME_WINDOW) return;
    slots[slot] = place + 1;
    this.#windows++;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    const mask = this.#slots.length - 1;
    for (const stored of old) {
      if (stored === 0) continue;
      let slot = mix(wordAt(this.#arena, stored - 1), wordAt(this.#arena, stored + 3)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = stored;
    }
  }

  #store(bytes: Uint8Array): number {
    const from = this.#entries.end;
    const end = from + bytes.length;
    const { length } = this.#arena;
    if (end > length) {
      const longer = new Uint8Array(Math.min(MOST.bytes, Math.max(end, 2 * length)));
      longer.set(this.#arena);
      this.#arena.fill(0);
      this.#arena = longer;
    }
    this.#arena.set(bytes, from);
    return from;
  }

  #addShort(bytes: Uint8Array, ruleId: string): boolean {
    const key = shortKey(bytes, 0);
    const known = this.#short.get(key) ?? [];
    if (known.some((each) => Buffer.compare(each.bytes, bytes) === 0)) return false;
    this.#short.set(key, [...known, { bytes: Uint8Array.from(bytes), ruleId }]);
    return true;
  }

  *#shortMatches(bytes: Uint8Array): Generator<Match> {
    for (let at = 0; at + SHORTEST_SECRET <= bytes.length; at++)
      for (const { bytes: secret, ruleId } of this.#short.get(shortKey(bytes, at)) ?? [])
        if (secret.every((byte, i) => byte === bytes[at + i]))
          yield { start: at, end: at + secret.length, ruleId };
  }
}

/**
 * Where windows begin: such that every part of `least` bytes, in the middle of a long text of more, has one.
 * A window of few distinct bytes is not indexed, except the first: the next one begins at the next byte.
 */
function* windowsOf(bytes: Uint8Array, least: number, text: boolean): Generator<number> {
  const last = bytes.length - WINDOW;
  const dense = Math.max(1, least - WINDOW + 1);
  const sparse = LEAST_MIDDLE - WINDOW + 1;
  for (let at = 0; at <= last; ) {
    const isIndexed = at === 0 || isVaried(bytes, at, at + WINDOW);
    if (isIndexed) yield at;
    if (at === last) return;
    const inMiddle = text && bytes.length > LONG && at >= LONG / 2 && at < bytes.length - LONG / 2;
    at = Math.min(last, at + (!isIndexed ? 1 : inMiddle ? sparse : dense));
  }
}
