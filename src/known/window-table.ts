import { randomFillSync } from 'node:crypto';
import { FORMS, type WindowStream } from './window-streams.js';

/**
 * Bytes that are looked up at multiples of {@link STEP} of the file: in binary forms a word of 32 bits, which
 * any 7 bytes have; in text 8 characters, which any 11 have.
 */
export const STEP = 4;
const BINARY_KEY = 4;
export const TEXT_KEY = 8;
/** A window with fewer distinct bytes is no secret: zeros, small numbers, padding. */
export const LEAST_DISTINCT = 5;
/** Words with fewer distinct bytes are in all memory: others are looked up in their place if possible. */
const DISTINCT_IN_KEY = 3;
/** Bits of the map before the table, as a power of two: 32 for each entry, in the processor's cache. */
const MAP_BITS = { least: 16, most: 24, each: 5 };
/** Entries with one key. Values that repeat themselves are few, and each place is compared with all. */
const MOST_OF_KEY = 8;
/** Columns of an entry: low and high half of its key (0 in binary forms), position in the data from 1 on. */
export const COLUMNS = 3;

/** A table of windows as plain data for any thread, in shared memory. */
export interface WindowTable {
  /** All streams, one after another. */
  data: Uint8Array;
  /** Where each stream begins in the data; one more at its end. */
  starts: Uint32Array;
  /** Index of its form. */
  forms: Uint8Array;
  /** Hash table of windows; an empty entry is 0. */
  slots: Uint32Array;
  /** Two bits of a word for each hash that a window has: {@link bitsOf}. */
  map: Uint32Array;
  /** Random factors of the hashes: a hostile dump cannot have more collisions than chance. */
  factors: Uint32Array;
}

/** Hash of a key, of two terms: the first is that of its low half. Its upper bits are the best. */
export const hashOf = (low: number, high: number, a: number, b: number): number =>
  Math.imul(low, a) ^ Math.imul(high ^ (low >>> 15), b);

/**
 * The bits of a hash in its word of a map; `shift` of the hash leaves an index of its words times 32. Of
 * hashes that no window has, a fourth as many have both bits set as have one.
 */
export const bitsOf = (hash: number, shift: number): number =>
  (1 << (hash >>> shift)) | (1 << (hash >>> (shift - 5)));

/** Shift of a hash that leaves an index in a table of 2^n rows. */
export const shiftFor = (rows: number): number => Math.clz32(rows) + 1;

function sharedBytes(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Math.max(8, bytes));
}

/** The round of counting in which a byte was last seen: a Set for each window would be garbage. */
const lastRound = new Uint32Array(256);
let round = 0;
const EVERY_BYTE = [8];

/**
 * Number of distinct bytes in [from, to), counted up to `most`. Bytes of a stride whose `bits` are 0 (tags,
 * padding) are not counted.
 */
function distinctIn(
  bytes: Uint8Array,
  from: number,
  to: number,
  most: number,
  bits: readonly number[] = EVERY_BYTE,
): number {
  if (++round === 2 ** 32) {
    lastRound.fill(0);
    round = 1;
  }
  let count = 0;
  for (let at = from; at < to && count < most; at++) {
    if (bits[at % bits.length] === 0) continue;
    const byte = bytes[at]!;
    if (lastRound[byte] !== round) count++;
    lastRound[byte] = round;
  }
  return count;
}

/** By position of a stream: end of the bytes from there on that bear the least number of bits, or 0. */
function windowEnds({ bytes, form }: WindowStream): Uint32Array {
  const { bits, least } = FORMS[form]!;
  const ends = new Uint32Array(bytes.length);
  let end = 0;
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) {
    while (sum < least && end < bytes.length) sum += bits[end++ % bits.length]!;
    if (sum < least) break;
    ends[at] = end;
    sum -= bits[at % bits.length]!;
  }
  return ends;
}

/**
 * Positions of the keys of a stream: wherever the file has it, every window of the least number of bits has a
 * key at a multiple of {@link STEP}.
 */
function* keyPositions(stream: WindowStream): Generator<number> {
  const { bytes, form } = stream;
  const isText = FORMS[form]!.text;
  const ends = windowEnds(stream);
  /** By alignment: the last position that was chosen. */
  const last = new Int32Array(STEP).fill(-1);
  for (let at = 0; at + TEXT_KEY <= bytes.length; at++) {
    const end = ends[at]!;
    if (end === 0 && !isText) return;
    if (distinctIn(bytes, at, Math.max(at + TEXT_KEY, end), LEAST_DISTINCT) < LEAST_DISTINCT) continue;
    // A window of text may be broken into two lines.
    if (isText) yield at;
    else
      for (let alignment = 0; alignment < STEP; alignment++) {
        // Windows end in the order in which they begin.
        if (last[alignment]! >= at) continue;
        const key = bestKey(stream, at, end - BINARY_KEY, alignment);
        if (key < 0) continue;
        last[alignment] = key;
        yield key;
      }
  }
}

/**
 * The last position of an alignment in [from, to] with enough distinct bytes, or the best; -1 if none. A key
 * of tags alone would be that of all digits.
 */
function bestKey({ bytes, form }: WindowStream, from: number, to: number, alignment: number): number {
  const { bits } = FORMS[form]!;
  let best = -1;
  let most = 0;
  for (let at = to - ((to - alignment + STEP) % STEP); at >= from; at -= STEP) {
    const distinct = distinctIn(bytes, at, at + BINARY_KEY, BINARY_KEY, bits);
    if (distinct >= DISTINCT_IN_KEY) return at;
    if (distinct > most) [best, most] = [at, distinct];
  }
  return best;
}

/** Bytes of a public window. */
const WORD = 8;

/** Words of 64 bits at all offsets of some values, which are public: they stay. */
function publicWords(values: readonly Uint8Array[]): Set<bigint> {
  const words = new Set<bigint>();
  for (const value of values) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    for (let at = 0; at + WORD <= bytes.length; at++) words.add(bytes.readBigUInt64LE(at));
  }
  return words;
}

/** Without the bytes that are public: what remains is in pieces. */
function* privateParts({ bytes, form }: WindowStream, known: Set<bigint>): Generator<WindowStream> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (let at = 0; known.size > 0 && at + WORD <= bytes.length; at++) {
    if (!known.has(view.getBigUint64(at, true))) continue;
    // A part that ends in the public word has no window of its own that is public.
    if (at + WORD - 1 > from) yield { bytes: bytes.subarray(from, at + WORD - 1), form };
    from = at + 1;
  }
  yield from === 0 ? { bytes, form } : { bytes: bytes.subarray(from), form };
}

/** Builds the table of the windows of some streams, without those that `known` values have. */
export function windowTable(streams: Iterable<WindowStream>, known: readonly Uint8Array[] = []): WindowTable {
  const isPublic = publicWords(known);
  const all = [...streams].flatMap((stream) =>
    FORMS[stream.form]!.bits.every((bits) => bits === 8) ? [...privateParts(stream, isPublic)] : [stream],
  );
  const size = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const data = new Uint8Array(sharedBytes(size), 0, size);
  const starts = new Uint32Array(sharedBytes(4 * (all.length + 1)), 0, all.length + 1);
  const forms = new Uint8Array(sharedBytes(all.length), 0, all.length);
  const positions: Position[] = [];
  let start = 0;
  for (const [index, stream] of all.entries()) {
    starts[index] = start;
    forms[index] = stream.form;
    data.set(stream.bytes, start);
    const isText = FORMS[stream.form]!.text;
    for (const at of keyPositions(stream)) positions.push({ at: start + at, isText });
    start += stream.bytes.length;
  }
  starts[all.length] = start;
  return { data, starts, forms, ...indexOf(new DataView(data.buffer), positions) };
}

/** A key's place in the data. */
interface Position {
  at: number;
  isText: boolean;
}

function indexOf(
  view: DataView,
  positions: readonly Position[],
): Pick<WindowTable, 'slots' | 'map' | 'factors'> {
  const entries = Math.ceil(Math.log2(positions.length + 1));
  const capacity = 2 ** Math.max(4, entries + 1);
  const slots = new Uint32Array(sharedBytes(4 * COLUMNS * capacity));
  const mapBits = Math.max(MAP_BITS.least, Math.min(MAP_BITS.most, entries + MAP_BITS.each));
  const map = new Uint32Array(sharedBytes(2 ** (mapBits - 3)));
  const factors = new Uint32Array(sharedBytes(8), 0, 2);
  factors.set(randomFillSync(new Uint32Array(2)).map((factor) => factor | 1));
  const [a = 1, b = 1] = factors;
  for (const { at, isText } of positions) {
    const low = view.getUint32(at, true);
    const high = isText ? view.getUint32(at + 4, true) : 0;
    const hash = hashOf(low, high, a, b);
    const shift = 32 - mapBits;
    map[hash >>> (shift + 5)]! |= bitsOf(hash, shift);
    let slot = hash >>> shiftFor(capacity);
    let same = 0;
    for (; slots[COLUMNS * slot + 2] !== 0; slot = (slot + 1) & (capacity - 1))
      if (slots[COLUMNS * slot] === low && slots[COLUMNS * slot + 1] === high) same++;
    if (same < MOST_OF_KEY) slots.set([low, high, at + 1], COLUMNS * slot);
  }
  return { slots, map, factors };
}

/** Overwrites a table, which holds secrets. No pass may be running. */
export function wipeTable(table: WindowTable): void {
  for (const column of Object.values(table) as (Uint8Array | Uint32Array)[]) column.fill(0);
}
