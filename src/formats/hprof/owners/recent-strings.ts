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
