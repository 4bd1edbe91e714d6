import { IntColumn } from '../../../core/base/bytes/int-column.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { RandomRuns } from '../../memory/types.js';
import { IdTable } from './id-table.js';
import { HolderLevel } from './levels.js';

/** Types of primitive arrays (hprof_b_spec.h). */
const TYPE = { char: 5, byte: 8, int: 10 } as const;

/** Bytes of the longest array that is a value: buffers of texts have room behind them. */
const LONGEST = 8192;
/** Lengths in bytes of raw keys: of AES, HMAC, Curve25519 and Curve448, SHA-2. */
const RAW: ReadonlySet<number> = new Set([16, 24, 32, 48, 56, 57, 64]);
/** Ints of a BigInteger that is a key or a secret. */
const INTS = { least: 4, most: 17 };
/** Random bytes of which fewer are different: of a million values of 16 bytes, one. */
const distinctOf = (length: number): number => Math.floor(0.55 * Math.min(length, 32));

/** Entries of a level between two pauses. */
const SOME = 1 << 14;

const FORMS = ['text', 'chars', 'bytes'] as const;
type ArrayForm = (typeof FORMS)[number];

/** Arrays that may be secrets: those with a random-looking run, and short ones of random bytes. */
export class CandidateArrays {
  /** Their identifiers; the other columns are by their numbers. */
  #ids: IdTable;
  #strings: RecentStrings;
  /** Strings of arrays: the array's number, the halves of the String's identifier. */
  readonly #holders = { array: new IntColumn(), high: new IntColumn(), low: new IntColumn() };
  #hasString = new Uint8Array(64);
  readonly #offsets: number[] = [];
  readonly #lengths = new IntColumn();
  readonly #forms = new IntColumn();
  /** Runs that were taken into account, those of no array included. */
  #next = 0;
  /** Arrays beyond the most that are kept. */
  left = 0;
  readonly #runs: RandomRuns;
  readonly #most: number;

  /** `length`: of the file. */
  constructor(runs: RandomRuns, most: number, length: number) {
    this.#strings = new RecentStrings(length);
    this.#ids = new IdTable(Math.min(most, runs.offsets.length));
    this.#runs = runs;
    this.#most = most;
  }

  /** Called for each array of a primitive type, in file order. bytes[start, end): its first elements. */
  add(
    high: number,
    low: number,
    type: number,
    at: number,
    size: number,
    bytes: DataView,
    start: number,
    end: number,
  ): void {
    const form = this.#formOf(type, at, size, bytes, start, end);
    if (form === undefined) {
      this.#strings.forget(high, low);
      return;
    }
    if (this.#ids.count >= this.#most) {
      this.left++;
      return;
    }
    const index = this.#ids.add(high, low);
    // An identifier that comes twice keeps its first place.
    if (index < this.#offsets.length) return;
    this.#offsets.push(at);
    this.#lengths.push(size);
    this.#forms.push(FORMS.indexOf(form));
    this.#strings.of(high, low, (stringHigh, stringLow) => this.#hold(index, stringHigh, stringLow));
  }

  /** Place and form of an array. */
  at(index: number): { offset: number; length: number; form: ArrayForm } {
    const form = FORMS[this.#forms.at(index)]!;
    return { offset: this.#offsets[index]!, length: this.#lengths.at(index), form };
  }

  /** Called for each String, in file order, with the identifier of its array. */
  addString(high: number, low: number, arrayHigh: number, arrayLow: number): void {
    const array = this.#ids.mayHave(arrayLow) ? this.#ids.indexOf(arrayHigh, arrayLow) : -1;
    if (array >= 0) this.#hold(array, high, low);
    else this.#strings.add(high, low, arrayHigh, arrayLow);
  }

  #hold(array: number, high: number, low: number): void {
    while (array >= this.#hasString.length) {
      const larger = new Uint8Array(2 * this.#hasString.length);
      larger.set(this.#hasString);
      this.#hasString = larger;
    }
    this.#hasString[array] = 1;
    this.#holders.array.push(array);
    this.#holders.high.push(high);
    this.#holders.low.push(low);
  }

  /** Strings of the arrays, and arrays of which no String was seen; then only the columns are kept. */
  *level(): Pausing<never, HolderLevel> {
    const pace = new Pace(SOME);
    this.#strings = new RecentStrings(0);
    const level = new HolderLevel(undefined, this.#ids.count);
    const { array: arrays, high, low } = this.#holders;
    for (let i = 0; i < arrays.count; i++) {
      level.add(high.at(i) >>> 0, low.at(i) >>> 0, arrays.at(i), 1, false);
      if (pace.isDue()) yield;
    }
    for (let array = 0; array < this.#ids.count; array++) {
      if (this.#hasString[array] !== 1)
        level.add(this.#ids.high[array]!, this.#ids.low[array]!, array, 0, false);
      if (pace.isDue()) yield;
    }
    this.#ids = new IdTable();
    return level;
  }

  #formOf(
    type: number,
    at: number,
    size: number,
    bytes: DataView,
    start: number,
    end: number,
  ): ArrayForm | undefined {
    if (this.#hasRun(at, at + size) && size <= LONGEST && (type === TYPE.byte || type === TYPE.char))
      return isValue(bytes, start, end, type === TYPE.char)
        ? type === TYPE.char
          ? 'chars'
          : 'text'
        : undefined;
    const isRaw =
      (type === TYPE.byte && RAW.has(size)) ||
      (type === TYPE.int && size >= 4 * INTS.least && size <= 4 * INTS.most);
    return isRaw && end - start >= size && isRandom(bytes, start, start + size) ? 'bytes' : undefined;
  }

  /** True if a run begins in [from, to); runs before that are done with. */
  #hasRun(from: number, to: number): boolean {
    const { offsets } = this.#runs;
    while (this.#next < offsets.length && offsets[this.#next]! < from) this.#next++;
    return this.#next < offsets.length && offsets[this.#next]! < to;
  }
}

/** True if the elements are printable, with nothing behind their end but zeros: a value, and no document. */
function isValue(bytes: DataView, start: number, end: number, isChars: boolean): boolean {
  let last = end;
  while (last > start && bytes.getUint8(last - 1) === 0) last--;
  for (let at = start; at < last; at++) {
    const byte = bytes.getUint8(at);
    if (byte > 0x20 && byte < 0x7f) continue;
    // UTF-16: of chars the first byte, of a compact string of either order one of two.
    if (byte !== 0 || (isChars && (at - start) % 2 !== 0)) return false;
  }
  return true;
}

const seen = new Uint8Array(256);

function isRandom(bytes: DataView, start: number, end: number): boolean {
  seen.fill(0);
  let [distinct, printable] = [0, 0];
  for (let at = start; at < end; at++) {
    const byte = bytes.getUint8(at);
    distinct += 1 - seen[byte]!;
    seen[byte] = 1;
    if (byte >= 0x20 && byte < 0x7f) printable++;
  }
  return distinct >= distinctOf(end - start) && printable < 0.8 * (end - start);
}

/** Strings that are remembered until their array comes: a copying collector may put millions between them. */
const REMEMBERED = { least: 2 ** 10, most: 2 ** 22, bytesEach: 128 };
/** Places in which a String may be. */
const WAYS = 4;
/** High halves of identifiers that are addresses of 48 bits. */
const HIGH_BITS = 16;

/** Numbers of each place: low half of the array's identifier, and of the String's; both high halves. */
const COLUMNS = 3;
/** The last Strings of all: nearly all arrays come next after their String. */
const NEWEST = 16;

/** The last Strings before an array. One that is forgotten is found in the first pass. */
export class RecentStrings {
  /** The newest Strings, in a ring: places of the cache that are always there. */
  readonly #newest = new Uint32Array(COLUMNS * NEWEST);
  #next = 0;
  /** Those before them: places by hash of the array's identifier, the numbers of one beside each other. */
  readonly #places: Uint32Array;
  readonly #last: number;

  /** `length`: of the file. */
  constructor(length: number) {
    const { least, most, bytesEach } = REMEMBERED;
    const count = 2 ** Math.ceil(Math.log2(Math.max(least, Math.min(most, length / bytesEach))));
    this.#places = new Uint32Array(COLUMNS * count);
    this.#last = count - 1;
  }

  add(high: number, low: number, arrayHigh: number, arrayLow: number): void {
    if (high >>> HIGH_BITS !== 0 || arrayHigh >>> HIGH_BITS !== 0 || arrayLow === 0) return;
    const newest = this.#newest;
    const at = this.#next;
    if (newest[at] !== 0) this.#keep(newest[at]!, newest[at + 1]!, newest[at + 2]!);
    newest[at] = arrayLow;
    newest[at + 1] = low;
    newest[at + 2] = (arrayHigh << HIGH_BITS) | high;
    this.#next = (at + COLUMNS) % newest.length;
  }

  #keep(arrayLow: number, low: number, highs: number): void {
    const places = this.#places;
    const first = placeOf(arrayLow);
    let at = COLUMNS * (first & this.#last);
    for (let way = 1; way < WAYS && places[at] !== 0; way++) at = COLUMNS * ((first + way) & this.#last);
    places[at] = arrayLow;
    places[at + 1] = low;
    places[at + 2] = highs;
  }

  /** Passes on the String of an array, if it is remembered. */
  of(arrayHigh: number, arrayLow: number, take: (high: number, low: number) => void): void {
    if (arrayLow === 0) return;
    const isOf = (places: Uint32Array, at: number): boolean =>
      places[at] === arrayLow && places[at + 2]! >>> HIGH_BITS === arrayHigh;
    const pass = (places: Uint32Array, at: number) =>
      take(places[at + 2]! & (2 ** HIGH_BITS - 1), places[at + 1]!);
    const newest = this.#newest;
    for (let at = 0; at < newest.length; at += COLUMNS) {
      if (!isOf(newest, at)) continue;
      pass(newest, at);
      newest[at] = 0;
      return;
    }
    const places = this.#places;
    const first = placeOf(arrayLow);
    for (let way = 0; way < WAYS; way++) {
      const at = COLUMNS * ((first + way) & this.#last);
      if (!isOf(places, at)) continue;
      pass(places, at);
      return;
    }
  }

  /** The array is no value: its String, if it is the newest, takes no place. */
  forget(arrayHigh: number, arrayLow: number): void {
    const newest = this.#newest;
    const at = (this.#next || newest.length) - COLUMNS;
    if (newest[at] === arrayLow && newest[at + 2]! >>> HIGH_BITS === arrayHigh) newest[at] = 0;
  }
}

const placeOf = (low: number): number => Math.imul(low >>> 3, 0x9e3779b1) >>> 8;
