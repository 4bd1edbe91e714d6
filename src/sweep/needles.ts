import { literalId } from '../base/bytes/literal-id.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { packPatterns, shared } from './patterns.js';
import type { Net } from './types.js';

/** So that one aligned 8-byte word lies wholly inside, whatever the alignment. */
export const SHORTEST = 15;
const WORD = 8;
/** The halves of 2^64 / golden ratio, by which the kernel multiplies a word. */
const GOLDEN = { low: 0x7f4a_7c15, high: 0x9e37_79b9 };

/**
 * Words that stand for their needles, eight of each needle. A word is two halves, and its hash the halves of its product
 * with the golden ratio: with a bigint each, compiling the needles of many keys took twice as long.
 */
interface Probes {
  low: Uint32Array;
  high: Uint32Array;
  /** Where the word stands in its needle. */
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

/** How often each word is used, in a table with open addresses. */
class Uses {
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #counts: Uint32Array;
  /** To the hash's first bits. */
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
    // Mixed the cheap way: this table is the host's own.
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

/** Slots of a table that stays half empty. */
const slotsFor = (entries: number): number => 2 ** Math.max(4, Math.ceil(Math.log2(2 * entries + 1)));

/** Distinct bytes of the word at `at`: few of them are found everywhere in a dump. */
function variety(bytes: Uint8Array, at: number): number {
  let distinct = 0;
  for (let i = at; i < at + WORD; i++) {
    let first = at;
    while (bytes[first] !== bytes[i]) first++;
    if (first === i) distinct++;
  }
  return distinct;
}

/** From so many distinct bytes on a word is good enough. */
const VARIED = 6;

/** Where the word at one alignment stands: one that no other needle uses, with many distinct bytes, else the nearest to that. */
function choose(view: DataView, bytes: Uint8Array, alignment: number, uses: Uses): number {
  let best = alignment;
  let least = Number.POSITIVE_INFINITY;
  for (let offset = alignment; offset + WORD <= bytes.length; offset += WORD) {
    const used = uses.of(view.getUint32(offset, true), view.getUint32(offset + 4, true));
    const cost = WORD * used + Math.max(0, VARIED - variety(bytes, offset));
    if (cost < least) [best, least] = [offset, cost];
    if (cost === 0) break;
  }
  return best;
}

/** A word for each needle and alignment: a common head, or zeros, must not become the word that everything hangs on. */
function probesOf(needles: readonly Uint8Array[]): Probes {
  const count = WORD * needles.length;
  const uses = new Uses(count);
  const probes: Probes = {
    low: new Uint32Array(count),
    high: new Uint32Array(count),
    offsets: new Uint32Array(count),
  };
  for (const [needle, bytes] of needles.entries()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let alignment = 0; alignment < WORD; alignment++) {
      const offset = choose(view, bytes, alignment, uses);
      const probe = WORD * needle + alignment;
      probes.low[probe] = view.getUint32(offset, true);
      probes.high[probe] = view.getUint32(offset + 4, true);
      probes.offsets[probe] = offset;
      uses.add(probes.low[probe]!, probes.high[probe]!);
    }
  }
  return probes;
}

/** Layouts in kernel/needles.as.ts. */
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
 * Compiles long literals (15 bytes and more) for the needle kernel: thousands of them at the speed of one.
 * Pattern ids: base/bytes/literal-id.ts. Throws a {@link DumpsieveError} `bad-literal` where one is too short.
 */
export function compileNeedles(needles: readonly Uint8Array[]): Net {
  const short = needles.findIndex((bytes) => bytes.length < SHORTEST);
  if (short >= 0) {
    throw new DumpsieveError({
      code: 'bad-literal',
      message: `needle ${short} has ${needles[short]!.length} bytes; expected at least ${SHORTEST}`,
    });
  }
  const probes = probesOf(needles);
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
