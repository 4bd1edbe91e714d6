import type { CandidateRates, Nibbles } from './candidate-rates.js';
import { foldings } from './patterns.js';

/** Bytes of a key: the part of a literal that the nibble masks select candidates by (Teddy, of Hyperscan). */
export const KEY = 3;
/** One for each bit of the kernel's bucket masks. */
const BUCKETS = 8;

/** A literal's bucket, and the offset of its key. */
export interface BucketPlace {
  bucket: number;
  offset: number;
}

/** Three bytes of a literal that may become its key. */
interface Window {
  offset: number;
  nibbles: [Nibbles, Nibbles, Nibbles];
  rate: number;
}

/** Parameters of the search for an assignment. */
interface Effort {
  rates: CandidateRates;
  /** Windows tried for each literal, rarest first. */
  windows: number;
  /** Local search passes, which move one literal at a time, after the greedy placement. */
  passes: number;
  /** Restarts, each with another order of placement. */
  starts: number;
}

function nibblesOf(byte: number, caseless: boolean): Nibbles {
  let nibbles = 0;
  for (const form of foldings(byte, caseless)) nibbles |= (1 << (form & 15)) | (1 << (16 + (form >> 4)));
  return nibbles;
}

/** A literal that a key is chosen from. */
export interface Keyed {
  bytes: Uint8Array;
  caseless: boolean;
}

/**
 * A literal's windows, rarest first. Those that end in 00
 * are used only if there are no others: {@link endsInZero}.
 */
function windowsOf({ bytes, caseless }: Keyed, { rates, windows }: Effort): Window[] {
  const all: Window[] = [];
  for (let offset = 0; offset + KEY <= bytes.length; offset++)
    all.push(windowAt({ bytes, caseless }, offset, rates));
  const usable = all.filter(({ offset }) => bytes[offset + KEY - 1] !== 0);
  return (usable.length > 0 ? usable : all).sort((a, b) => a.rate - b.rate).slice(0, windows);
}

/** A key that ends in 00 may end in a block of zeros; without such keys the kernel skips these blocks. */
export function endsInZero({ bytes }: Keyed, { offset }: BucketPlace): boolean {
  return bytes[offset + KEY - 1] === 0;
}

/** The window of a literal at an offset that was chosen before. */
function windowAt({ bytes, caseless }: Keyed, offset: number, rates: CandidateRates): Window {
  const nibbles = [0, 1, 2].map((i) => nibblesOf(bytes[offset + i]!, caseless)) as Window['nibbles'];
  return { offset, nibbles, rate: rates.of(nibbles) };
}

/** One of the kernel's eight sets of keys, with its expected candidates for each byte. */
class Bucket {
  readonly members = new Map<number, Window>();
  nibbles: Window['nibbles'] = [0, 0, 0];
  rate = 0;

  with(window: Window): Window['nibbles'] {
    const [a, b, c] = this.nibbles;
    const [x, y, z] = window.nibbles;
    return [a | x, b | y, c | z];
  }

  covers(window: Window): boolean {
    return window.nibbles.every((nibbles, i) => (nibbles & ~this.nibbles[i]!) === 0);
  }

  add(literal: number, window: Window, rate: number): void {
    this.nibbles = this.with(window);
    this.members.set(literal, window);
    this.rate = rate;
  }

  /** Expected occurrences of its members' keys for each byte. */
  keyRate(): number {
    let sum = 0;
    for (const { rate } of this.members.values()) sum += rate;
    return sum;
  }

  remove(literal: number, rates: CandidateRates): void {
    this.members.delete(literal);
    this.nibbles = [0, 0, 0];
    for (const window of this.members.values()) this.nibbles = this.with(window);
    this.rate = rates.of(this.nibbles);
  }
}

/** Cost of comparing with one literal, relative to a candidate that the bitmap of exact keys rejects. */
const COMPARE = 1;
/** A key expected less than once in a million bytes costs too little to search further. */
const RARE = 1e-6;

/**
 * Places a literal at the least cost: the candidates that its window adds to
 * the bucket, and a compare at each occurrence of its key. A window that a
 * bucket accepts already adds no candidates, but its compares still count.
 */
function place(
  literal: number,
  windows: readonly Window[],
  buckets: readonly Bucket[],
  { rates }: Effort,
): Bucket {
  let best: { bucket: Bucket; window: Window; rate: number } | undefined;
  let least = Number.POSITIVE_INFINITY;
  const consider = (bucket: Bucket, window: Window, rate: number) => {
    const cost = rate - bucket.rate + COMPARE * window.rate;
    if (cost < least) {
      best = { bucket, window, rate };
      least = cost;
    }
  };
  for (const bucket of buckets) {
    const free = windows.find((window) => bucket.covers(window));
    if (free !== undefined) consider(bucket, free, bucket.rate);
  }
  for (const window of least < RARE ? [] : windows) {
    // The windows are sorted: from here on the compares alone cost more.
    if (COMPARE * window.rate >= least) break;
    for (const bucket of buckets) consider(bucket, window, rates.of(bucket.with(window)));
  }
  best!.bucket.add(literal, best!.window, best!.rate);
  return best!.bucket;
}

/** Passes stop once they reduce the cost by less than this share. */
const GAIN = 0.005;

/** Order of placement: most expensive literals first, perturbed more with each start. */
function orderOf(windows: readonly Window[][], start: number): number[] {
  let state = start;
  const weight = windows.map(([rarest]) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return rarest!.rate * (1 + (start * state) / 2 ** 32);
  });
  return [...windows.keys()].sort((i, j) => weight[j]! - weight[i]!);
}

interface Assignment {
  places: BucketPlace[];
  /** Expected candidates and compares for each byte. */
  cost: number;
}

/** An assignment under construction. */
class Arrangement {
  readonly #windows: readonly Window[][];
  readonly #effort: Effort;
  readonly #buckets = Array.from({ length: BUCKETS }, () => new Bucket());
  readonly #home: Bucket[];

  constructor(windows: readonly Window[][], effort: Effort) {
    this.#windows = windows;
    this.#effort = effort;
    this.#home = new Array<Bucket>(windows.length);
  }

  place(i: number): void {
    this.#home[i] = place(i, this.#windows[i]!, this.#buckets, this.#effort);
  }

  remove(i: number): void {
    this.#home[i]!.remove(i, this.#effort.rates);
  }

  restore(places: readonly (BucketPlace | undefined)[]): void {
    for (const [i, place] of places.entries()) {
      if (place === undefined) continue;
      const { bucket, offset } = place;
      const window = this.#windows[i]!.find((each) => each.offset === offset)!;
      const home = this.#buckets[bucket]!;
      this.#home[i] = home;
      home.add(i, window, 0);
    }
    for (const bucket of this.#buckets) bucket.rate = this.#effort.rates.of(bucket.nibbles);
  }

  /** Local search: moves one literal at a time until a pass gains too little. */
  improve(order: readonly number[]): void {
    let cost = this.cost();
    for (let pass = 0; pass < this.#effort.passes; pass++) {
      for (const i of order) {
        this.remove(i);
        this.place(i);
      }
      const now = this.cost();
      const gain = 1 - now / cost;
      cost = now;
      if (gain < GAIN) break;
    }
  }

  membersOf(bucket: number): number[] {
    return [...this.#buckets[bucket]!.members.keys()];
  }

  cost(): number {
    return this.#buckets.reduce((sum, bucket) => sum + bucket.rate + COMPARE * bucket.keyRate(), 0);
  }

  assignment(): Assignment {
    const places = this.#home.map((bucket, i) => ({
      bucket: this.#buckets.indexOf(bucket),
      offset: bucket.members.get(i)!.offset,
    }));
    return { places, cost: this.cost() };
  }
}

function attempt(windows: readonly Window[][], order: readonly number[], effort: Effort): Assignment {
  const arrangement = new Arrangement(windows, effort);
  for (const i of order) arrangement.place(i);
  arrangement.improve(order);
  return arrangement.assignment();
}

/** Perturbations for each start but the first. */
const PERTURBATIONS = 4;
/** Literals of other buckets removed with all those of one. */
const REMOVED = 16;

/**
 * Perturbation of an iterated local search: places the literals of one bucket, and some others, again in
 * another order. It leaves a local optimum that single moves cannot leave.
 */
function perturbed(
  windows: readonly Window[][],
  from: Assignment,
  round: number,
  effort: Effort,
): Assignment {
  const arrangement = new Arrangement(windows, effort);
  arrangement.restore(from.places);
  const order = orderOf(windows, round + 1);
  const out = new Set(arrangement.membersOf(round % BUCKETS));
  let state = round;
  for (let k = 0; k < REMOVED; k++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out.add(Math.floor((state / 2 ** 32) * windows.length));
  }
  for (const i of out) arrangement.remove(i);
  for (const i of order) if (out.has(i)) arrangement.place(i);
  arrangement.improve(order);
  return arrangement.assignment();
}

/**
 * Chooses a key and a bucket for each literal so that the expected work is least: greedy placement and local
 * search from several starts, then iterated local search from the best.
 */
export function assignBuckets(literals: readonly Keyed[], effort: Effort): Assignment {
  const windows = literals.map((literal) => windowsOf(literal, effort));
  let best = attempt(windows, orderOf(windows, 0), effort);
  const take = (other: Assignment) => {
    if (other.cost < best.cost) best = other;
  };
  for (let start = 1; start < effort.starts; start++) take(attempt(windows, orderOf(windows, start), effort));
  for (let round = 0; round < PERTURBATIONS * (effort.starts - 1); round++)
    take(perturbed(windows, best, round, effort));
  return best;
}

/**
 * Places for all literals if some have one, from a set that was assigned before: these stay, the others are
 * placed greedily, one after another.
 */
export function completePlaces(
  literals: readonly Keyed[],
  known: readonly (BucketPlace | undefined)[],
  effort: () => Pick<Effort, 'rates' | 'windows'>,
): BucketPlace[] {
  const places = known.filter((place) => place !== undefined);
  if (places.length === literals.length) return places;
  const { rates, windows: most } = effort();
  const all: Effort = { rates, windows: most, passes: 0, starts: 1 };
  const windows = literals.map((literal, i) => {
    const place = known[i];
    return place ? [windowAt(literal, place.offset, rates)] : windowsOf(literal, all);
  });
  const arrangement = new Arrangement(windows, all);
  arrangement.restore(known);
  for (const i of orderOf(windows, 0)) if (known[i] === undefined) arrangement.place(i);
  return arrangement.assignment().places;
}
