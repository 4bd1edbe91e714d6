import type { Domain } from './bigrams.js';
import { foldings } from './patterns.js';

/** Bytes of a key. */
export const KEY = 3;
/** One bit of the kernel's bucket vectors each. */
const BUCKETS = 8;

/** Where a literal's key lies and which bucket it is in. */
export interface Place {
  bucket: number;
  offset: number;
}

/** Nibbles that a bucket accepts at one position of the key: low ones in bits 0 to 15, high ones in 16 to 31. */
type Nibbles = number;

/** A window of a literal that may be its key. */
interface Window {
  offset: number;
  nibbles: [Nibbles, Nibbles, Nibbles];
  rate: number;
}

/** How hard to search. */
interface Effort {
  domains: readonly Domain[];
  /** Windows tried of each literal, the rarest first. */
  windows: number;
  /** Passes that move one literal at a time after the greedy placement. */
  passes: number;
  /** Orders of placement tried. */
  starts: number;
}

/** The bytes that a pair of nibble sets lets through: their product, larger than what was put in. */
function closure(nibbles: Nibbles): number[] {
  const bytes: number[] = [];
  for (let high = 0; high < 16; high++) {
    if (((nibbles >>> (16 + high)) & 1) === 0) continue;
    for (let low = 0; low < 16; low++) if ((nibbles >>> low) & 1) bytes.push((high << 4) | low);
  }
  return bytes;
}

/** Expected candidates a byte of dump: sum of p(x) q(y|x) q(z|y) over the closure, for all domains. */
function rateOf(domains: readonly Domain[], nibbles: readonly [Nibbles, Nibbles, Nibbles]): number {
  const [xs, ys, zs] = nibbles.map(closure) as [number[], number[], number[]];
  let sum = 0;
  const tail = new Float64Array(256);
  for (const { first, next } of domains) {
    for (const y of ys) {
      let t = 0;
      for (const z of zs) t += next[(y << 8) | z]!;
      tail[y] = t;
    }
    for (const x of xs) {
      let t = 0;
      for (const y of ys) t += next[(x << 8) | y]! * tail[y]!;
      sum += first[x]! * t;
    }
  }
  return sum;
}

function nibblesOf(byte: number, caseless: boolean): Nibbles {
  let nibbles = 0;
  for (const form of foldings(byte, caseless)) nibbles |= (1 << (form & 15)) | (1 << (16 + (form >> 4)));
  return nibbles;
}

/** What the choice of a key needs to know of a literal. */
export interface Keyed {
  bytes: Uint8Array;
  caseless: boolean;
}

/** A literal's windows, rarest first. Those that end in 00 only where there is no other: see {@link endsInZero}. */
function windowsOf({ bytes, caseless }: Keyed, { domains, windows }: Effort): Window[] {
  const all: Window[] = [];
  for (let offset = 0; offset + KEY <= bytes.length; offset++) {
    const nibbles = [0, 1, 2].map((i) => nibblesOf(bytes[offset + i]!, caseless)) as Window['nibbles'];
    all.push({ offset, nibbles, rate: rateOf(domains, nibbles) });
  }
  const usable = all.filter(({ offset }) => bytes[offset + KEY - 1] !== 0);
  return (usable.length > 0 ? usable : all).sort((a, b) => a.rate - b.rate).slice(0, windows);
}

/** A key that ends in 00 may end in a block of zeros, which the kernel otherwise leaves out. */
export function endsInZero({ bytes }: Keyed, { offset }: Place): boolean {
  return bytes[offset + KEY - 1] === 0;
}

/** One of the kernel's eight sets of keys, with what it costs. */
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

  /** Expected places a byte where a key of a member lies. */
  keys(): number {
    let sum = 0;
    for (const { rate } of this.members.values()) sum += rate;
    return sum;
  }

  remove(literal: number, domains: readonly Domain[]): void {
    this.members.delete(literal);
    this.nibbles = [0, 0, 0];
    for (const window of this.members.values()) this.nibbles = this.with(window);
    this.rate = rateOf(domains, this.nibbles);
  }
}

/** What a compare with one literal costs beside a candidate that the bitmap of exact keys turns away. */
const COMPARE = 1;
/** A key that is expected less than once a million bytes costs too little to search further. */
const RARE = 1e-6;

/**
 * Puts a literal where it costs least: what its window adds to the bucket's candidates, and a compare wherever exactly
 * this key turns up. So a window that a bucket lets through anyway is free, but not if it is a common one.
 */
function place(
  literal: number,
  windows: readonly Window[],
  buckets: readonly Bucket[],
  { domains }: Effort,
): Bucket {
  let best: { bucket: Bucket; window: Window; rate: number } | undefined;
  let least = Number.POSITIVE_INFINITY;
  const take = (bucket: Bucket, window: Window, rate: number) => {
    const cost = rate - bucket.rate + COMPARE * window.rate;
    if (cost < least) {
      best = { bucket, window, rate };
      least = cost;
    }
  };
  for (const bucket of buckets) {
    const free = windows.find((window) => bucket.covers(window));
    if (free !== undefined) take(bucket, free, bucket.rate);
  }
  for (const window of least < RARE ? [] : windows) {
    // No bucket can make up for a key that is too common; the windows are sorted.
    if (COMPARE * window.rate >= least) break;
    for (const bucket of buckets) take(bucket, window, rateOf(domains, bucket.with(window)));
  }
  best!.bucket.add(literal, best!.window, best!.rate);
  return best!.bucket;
}

/** Passes end where they gain less than this share. */
const GAIN = 0.005;

/** Who is placed first: the literals that are hardest to place, shuffled more with each start. */
function orderOf(windows: readonly Window[][], start: number): number[] {
  let state = start;
  const weight = windows.map(([rarest]) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return rarest!.rate * (1 + (start * state) / 2 ** 32);
  });
  return [...windows.keys()].sort((i, j) => weight[j]! - weight[i]!);
}

interface Assignment {
  places: Place[];
  /** Expected candidates a byte, and the compares that they lead to. */
  cost: number;
}

/** Literals in their buckets, while they are moved. */
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
    this.#home[i]!.remove(i, this.#effort.domains);
  }

  restore({ places }: Assignment): void {
    for (const [i, { bucket, offset }] of places.entries()) {
      const window = this.#windows[i]!.find((each) => each.offset === offset)!;
      const home = this.#buckets[bucket]!;
      this.#home[i] = home;
      home.add(i, window, 0);
    }
    for (const bucket of this.#buckets) bucket.rate = rateOf(this.#effort.domains, bucket.nibbles);
  }

  /** Moves one literal at a time, as often as that gains. */
  settle(order: readonly number[]): void {
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
    return this.#buckets.reduce((sum, bucket) => sum + bucket.rate + COMPARE * bucket.keys(), 0);
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
  arrangement.settle(order);
  return arrangement.assignment();
}

/** Shakes for each start but the first. */
const SHAKES = 4;
/** Literals of other buckets that are taken out with all those of one. */
const SHAKEN = 16;

/** The same with the literals of one bucket, and some of the others, placed anew in another order: single moves do not come so far. */
function shaken(windows: readonly Window[][], from: Assignment, round: number, effort: Effort): Assignment {
  const arrangement = new Arrangement(windows, effort);
  arrangement.restore(from);
  const order = orderOf(windows, round + 1);
  const out = new Set(arrangement.membersOf(round % BUCKETS));
  let state = round;
  for (let k = 0; k < SHAKEN; k++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out.add(Math.floor((state / 2 ** 32) * windows.length));
  }
  for (const i of out) arrangement.remove(i);
  for (const i of order) if (out.has(i)) arrangement.place(i);
  arrangement.settle(order);
  return arrangement.assignment();
}

/**
 * Chooses a key and a bucket for each literal, so that the expected work is least: greedily, hardest literal first, then
 * moving one at a time; the best of several starts, shaken as often again.
 */
export function assignBuckets(literals: readonly Keyed[], effort: Effort): Assignment {
  const windows = literals.map((literal) => windowsOf(literal, effort));
  let best = attempt(windows, orderOf(windows, 0), effort);
  const take = (other: Assignment) => {
    if (other.cost < best.cost) best = other;
  };
  for (let start = 1; start < effort.starts; start++) take(attempt(windows, orderOf(windows, start), effort));
  for (let round = 0; round < SHAKES * (effort.starts - 1); round++)
    take(shaken(windows, best, round, effort));
  return best;
}
