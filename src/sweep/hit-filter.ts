import { upperBound } from '../base/bytes/binary-search.js';
import type { HitList } from './hits.js';
import { shared } from './patterns.js';
import type { Sieve } from './types.js';

/** What must stand beside a literal, in characters of its form (narrow, or UTF-16 with NULs between); 1 in a set: allowed. */
type Need =
  | { type: 'beside'; before: readonly Uint8Array[]; after: readonly Uint8Array[] }
  | { type: 'run'; characters: Uint8Array; least: number; before: number; after: number };

/** One literal: its length in characters and its needs, of which one must be met; without a list every hit passes. */
export interface Sifted {
  length: number;
  needs: readonly Need[] | undefined;
}

/** Characters at `at`, counted from the literal's first, of one set each. */
interface Stretch {
  at: number;
  count: number;
  set: Uint8Array;
}

const sizes = new WeakMap<Uint8Array, number>();

function sizeOf(set: Uint8Array): number {
  const size = sizes.get(set) ?? set.reduce((sum, one) => sum + one, 0);
  sizes.set(set, size);
  return size;
}

/** The places beside a literal as stretches of one set; first the short ones of few characters, which refuse most. */
function stretchesOf({ before, after }: Extract<Need, { type: 'beside' }>, length: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [sets, from] of [
    [before, -before.length],
    [after, length],
  ] as const)
    for (const [i, set] of sets.entries()) {
      const last = stretches.at(-1);
      if (last?.set === set && last.at + last.count === from + i) last.count++;
      else stretches.push({ at: from + i, count: 1, set });
    }
  return stretches.sort((a, b) => sizeOf(a.set) - sizeOf(b.set) || a.count - b.count);
}

/**
 * For each literal where its program starts, -1 for none; the programs; 256 bytes for each set. A program: length of the literal, number of needs, then the needs. `beside`: 0, characters before, after, number of stretches, and place, count
 * and set for each; `run`: 1, before, after, set, least. Sets are indices into `sets`.
 */
export function compileHitFilter(literals: readonly Sifted[]): Sieve {
  const program: number[] = [];
  const sets = new Map<string, { index: number; set: Uint8Array }>();
  const byObject = new Map<Uint8Array, number>();
  const indexOf = (set: Uint8Array): number => {
    const known = byObject.get(set);
    if (known !== undefined) return known;
    const key = Buffer.from(set).toString('latin1');
    const entry = sets.get(key) ?? { index: 256 * sets.size, set };
    sets.set(key, entry);
    byObject.set(set, entry.index);
    return entry.index;
  };
  const starts = literals.map(({ length, needs }) => {
    if (needs === undefined) return -1;
    const start = program.length;
    program.push(length, needs.length);
    for (const need of needs) {
      if (need.type === 'run') program.push(1, need.before, need.after, indexOf(need.characters), need.least);
      else {
        const stretches = stretchesOf(need, length);
        program.push(0, need.before.length, need.after.length, stretches.length);
        for (const { at, count, set } of stretches) program.push(at, count, indexOf(set));
      }
    }
    return start;
  });
  const all = new Uint8Array(256 * sets.size);
  for (const { index, set } of sets.values()) all.set(set, index);
  return {
    starts: shared(Int32Array.from(starts)),
    program: shared(Int32Array.from(program)),
    sets: shared(all),
  };
}

/**
 * Drops hits beside which there is nothing that any of their rules could match. What is not known passes: at the ends of the
 * bytes, and at a seam.
 */
export class HitFilter {
  readonly #sieve: { starts: Int32Array; program: Int32Array; sets: Uint8Array };
  readonly #seams: Float64Array;
  /** For each set the last run of its characters that was looked at, [from, to), and how far they stand apart: 1, or 2 and the parity. */
  readonly #runs: { from: Int32Array; to: Int32Array; step: Uint8Array };

  /** `seams`: ascending file offsets at which memory may go on elsewhere than the file does. */
  constructor({ starts, program, sets }: Sieve, seams: Float64Array) {
    this.#sieve = {
      starts: new Int32Array(starts),
      program: new Int32Array(program),
      sets: new Uint8Array(sets),
    };
    this.#seams = seams;
    const count = sets.byteLength / 256;
    this.#runs = {
      from: new Int32Array(count),
      to: new Int32Array(count),
      step: new Uint8Array(count),
    };
  }

  /** The hits from the `first` on, those of `bytes`, whose first byte stands at `at` of the file; `base` as hits are counted. */
  sift(hits: HitList, first: number, bytes: Uint8Array, at: number, base: number): void {
    this.#runs.step.fill(0);
    hits.keep(first, (offset, id) => this.#passes(bytes, offset - base, id, at));
  }

  #passes(bytes: Uint8Array, from: number, id: number, at: number): boolean {
    const { starts, program } = this.#sieve;
    const start = starts[id >> 1];
    if (start === undefined || start < 0) return true;
    const unit = (id & 1) + 1;
    const end = from + unit * program[start]!;
    let pc = start + 2;
    for (let left = program[start + 1]!; left > 0; left--) {
      const before = program[pc + 1]!;
      const after = program[pc + 2]!;
      const low = from - unit * before;
      const high = end + unit * after;
      // UTF-16: the literal's last NUL may lie behind it, and big-endian characters begin with one.
      if (low < 0 || high > bytes.length || this.#seamIn(at + low - unit, at + high + unit)) return true;
      if (program[pc] === 0) {
        if (this.#beside(bytes, pc + 3, from, unit)) return true;
        pc += 4 + 3 * program[pc + 3]!;
      } else {
        if (this.#run(bytes, program[pc + 3]!, program[pc + 4]!, low, high, unit)) return true;
        pc += 5;
      }
    }
    return false;
  }

  /** Are the stretches from `pc` on there, around the literal that begins at `start`? */
  #beside(bytes: Uint8Array, pc: number, start: number, unit: number): boolean {
    const { program } = this.#sieve;
    const end = pc + 1 + 3 * program[pc]!;
    for (let i = pc + 1; i < end; i += 3)
      if (!this.#all(bytes, program[i + 2]!, start + unit * program[i]!, program[i + 1]!, unit)) return false;
    return true;
  }

  /** `count` characters of a set from `from` on; those that the hit before looked at are not looked at again. */
  #all(bytes: Uint8Array, set: number, from: number, count: number, unit: number): boolean {
    const { sets } = this.#sieve;
    if (count === 1) return sets[set + bytes[from]!] === 1;
    const runs = this.#runs;
    const slot = set >> 8;
    const step = unit === 1 ? 1 : 2 + (from & 1);
    const end = from + unit * count;
    let at = from;
    if (runs.step[slot] === step && runs.from[slot]! <= from && from <= runs.to[slot]!) at = runs.to[slot]!;
    else {
      runs.step[slot] = step;
      runs.from[slot] = from;
    }
    while (at < end && sets[set + bytes[at]!] === 1) at += unit;
    runs.to[slot] = at;
    return at >= end;
  }

  /** Looks at every `least`-th character until one is of the set, then back to where its run begins. */
  #run(bytes: Uint8Array, set: number, least: number, low: number, high: number, unit: number): boolean {
    const { sets } = this.#sieve;
    let begin = low;
    for (let last = begin + unit * (least - 1); last < high; last = begin + unit * (least - 1)) {
      let at = last;
      while (at >= begin && sets[set + bytes[at]!] === 1) at -= unit;
      if (at < begin) return true;
      begin = at + unit;
    }
    return false;
  }

  /** Does one lie behind `from` and before `to`? */
  #seamIn(from: number, to: number): boolean {
    const seams = this.#seams;
    const next = upperBound(seams, from);
    return next < seams.length && seams[next]! < to;
  }
}
