import { literalId } from '../core/base/bytes/literal-id.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { finish, Pace, type Pausing } from '../core/base/runtime/turns.js';
import { packPatterns, shared } from './patterns.js';
import type { Net } from './types.js';

/** Shortest needle in bytes: it contains an aligned 8-byte word at every alignment. */
export const SHORTEST = 15;
const WORD = 8;
/** Needles between two pauses. */
const PACE = 64;
/** 2^64 / golden ratio, by which the kernel multiplies a word (Fibonacci hashing), in halves. */
const GOLDEN = { low: 0x7f4a_7c15, high: 0x9e37_79b9 };

/**
 * The words that needles are found by, one for each alignment of a needle. Words and hashes are 32-bit
 * halves: with bigints, compiling the needles of many keys took twice as long.
 */
interface Probes {
  low: Uint32Array;
  high: Uint32Array;
  /** Offset of the word in its needle. */
  offsets: Uint32Array;
}

const lowHash = (low: number): number => Math.imul(low, GOLDEN.low) >>> 0;

function highHash(low: number, high: number): number {
  const [a, b] = [low >>> 16, low & 0xffff];
  const [c, d] = [GOLDEN.low >>> 16, GOLDEN.low & 0xffff];
  const inner = a * d + Math.floor((b * d) / 0x1_0000);
  const carried = a * c + Math.floor((inner + b * c) / 0x1_0000);
  return (carried + Math.imul(low, GOLDEN.high) + Math.imul(high, GOLDEN.low)) >>> 0;
}

/** Counts of words, in a hash table with open addressing. */
class WordCounts {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #counts: Uint32Array;
  /** Leaves the hash bits that index a slot. */
  readonly #shift: number;

  constructor(most: number) {
    const slots = slotsFor(most);
    this.#shift = Math.clz32(slots - 1);
    [this.#low, this.#high, this.#counts] = [
      new Uint32Array(slots),
      new Uint32Array(slots),
      new Uint32Array(slots),
    ];
  }

  #slot(low: number, high: number): number {
    const mask = this.#counts.length - 1;
    // A cheaper hash than the kernel's: only this class reads the table.
    let slot = (Math.imul(low, GOLDEN.low) ^ Math.imul(high, GOLDEN.high)) >>> this.#shift;
    while (this.#counts[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  of(low: number, high: number): number {
    return this.#counts[this.#slot(low, high)]!;
  }

  add(low: number, high: number): void {
    const slot = this.#slot(low, high);
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#counts[slot]!++;
  }
}

/** Slots for a load factor of at most 1/2. */
const slotsFor = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(2 * entries + 1)));

/** Number of distinct bytes of the word at `at`. Words with few of them are frequent in dumps. */
function distinctBytes(bytes: Uint8Array, at: number): number {
  let distinct = 0;
  for (let i = at; i < at + WORD; i++) {
    let first = at;
    while (bytes[first] !== bytes[i]) first++;
    if (first === i) distinct++;
  }
  return distinct;
}

/** More distinct bytes than this make a word no better. */
const DISTINCT = 6;

/**
 * Offset of the best word at one alignment: used by no other needle if possible, with many distinct bytes.
 */
function choose(view: DataView, bytes: Uint8Array, alignment: number, counts: WordCounts): number {
  let best = alignment;
  let least = Number.POSITIVE_INFINITY;
  for (let offset = alignment; offset + WORD <= bytes.length; offset += WORD) {
    const used = counts.of(view.getUint32(offset, true), view.getUint32(offset + 4, true));
    const cost = WORD * used + Math.max(0, DISTINCT - distinctBytes(bytes, offset));
    if (cost < least) [best, least] = [offset, cost];
    if (cost === 0) break;
  }
  return best;
}

/**
 * Chooses a word for each needle and alignment, so that a
 * common prefix or zeros do not become the word of them all.
 */
function* probesOf(needles: readonly Uint8Array[]): Pausing<never, Probes> {
  const count = WORD * needles.length;
  const counts = new WordCounts(count);
  const probes: Probes = {
    low: new Uint32Array(count),
    high: new Uint32Array(count),
    offsets: new Uint32Array(count),
  };
  const pace = new Pace(PACE);
  for (const [needle, bytes] of needles.entries()) {
    if (pace.isDue()) yield;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let alignment = 0; alignment < WORD; alignment++) {
      const offset = choose(view, bytes, alignment, counts);
      const probe = WORD * needle + alignment;
      probes.low[probe] = view.getUint32(offset, true);
      probes.high[probe] = view.getUint32(offset + 4, true);
      probes.offsets[probe] = offset;
      counts.add(probes.low[probe]!, probes.high[probe]!);
    }
  }
  return probes;
}

/** Bloom filter and hash table; layouts in kernel/needles.as.ts. */
function filterAndTable({ low, high, offsets }: Probes) {
  const bits = Math.max(10, Math.min(18, Math.floor(Math.log2(low.length + 1))));
  const filter = new Uint32Array(2 * 2 ** bits);
  const slots = slotsFor(low.length);
  const table = new Uint32Array(new SharedArrayBuffer(16 * slots));
  for (let probe = 0; probe < low.length; probe++) {
    const [word, upper] = [low[probe]!, high[probe]!];
    const [hash, top] = [lowHash(word), highHash(word, upper)];
    const entry = 2 * (top >>> (32 - bits));
    filter[entry + ((hash >>> 5) & 1)]! |= 1 << (hash & 31);
    filter[entry + ((hash >>> 11) & 1)]! |= 1 << ((hash >>> 6) & 31);
    let slot = top & (slots - 1);
    while (table[4 * slot + 2] !== 0) slot = (slot + 1) & (slots - 1);
    table[4 * slot] = word;
    table[4 * slot + 1] = upper;
    table[4 * slot + 2] = Math.floor(probe / WORD) + 1;
    table[4 * slot + 3] = offsets[probe]!;
  }
  return { filter, table };
}

/**
 * Compiles long literals (15 bytes and more) for the needle kernel, which finds thousands as fast as one.
 * Pattern ids: base/bytes/literal-id.ts. Throws a {@link DumpsieveError} `bad-literal` if one is too short.
 */
export function compileNeedles(needles: readonly Uint8Array[]): Net {
  return finish(needleNet(needles));
}

/** {@link compileNeedles}, with pauses. */
export function* needleNet(needles: readonly Uint8Array[]): Pausing<never, Net> {
  const short = needles.findIndex((bytes) => bytes.length < SHORTEST);
  if (short >= 0) {
    throw new DumpsieveError({
      code: 'bad-literal',
      message: `needle ${short} has ${needles[short]!.length} bytes; expected at least ${SHORTEST}`,
    });
  }
  const probes = yield* probesOf(needles);
  const { filter, table } = filterAndTable(probes);
  const patterns = needles.map((bytes, i) => ({ id: literalId(i), bytes, caseless: false }));
  return {
    kind: 'needles',
    longest: needles.reduce((longest, { length }) => Math.max(longest, length), 0),
    patterns: needles.length,
    images: {
      patterns: packPatterns(patterns),
      options: shared(Uint32Array.of(probes.low.some((low, i) => low === 0 && probes.high[i] === 0) ? 0 : 1)),
      filter: shared(filter),
      table: table.buffer,
    },
  };
}
