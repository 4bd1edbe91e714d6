import { upperBound } from '../core/base/bytes/binary-search.js';
import { isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { HitList } from './hits.js';
import { shared } from './patterns.js';
import type { FilterImages } from './types.js';

/** `least` to `most` characters of a set. */
interface Step {
  set: Uint8Array;
  least: number;
  most: number;
}

/**
 * A condition on the characters around a literal, in its form: single bytes, or UTF-16 with NULs between. A
 * set has 1 for each byte that it allows. `beside`: adjacent characters; `run`: `least` consecutive ones
 * somewhere around it; `path`: steps one after another, away from the literal, each as long as it can be.
 */
type Need =
  | { type: 'beside'; before: readonly Uint8Array[]; after: readonly Uint8Array[] }
  | { type: 'run'; characters: Uint8Array; least: number; before: number; after: number }
  | { type: 'path'; before: readonly Step[]; after: readonly Step[] };

/**
 * A literal: its length in characters and its conditions,
 * one of which must hold. Without a list every hit passes.
 */
export interface FilteredLiteral {
  length: number;
  needs: readonly Need[] | undefined;
}

/** A literal that has the conditions of literal `compiled` of images that were made before. */
interface CompiledLiteral {
  compiled: number;
}

const EMPTY = new SharedArrayBuffer(0);

/** `count` characters of one set, at `at` from the first character of the literal. */
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

/**
 * The adjacent characters as stretches of one set. Short ones of a small set come first: they reject most.
 */
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

const reachOf = (steps: readonly Step[]): number => steps.reduce((sum, { most }) => sum + most, 0);

/**
 * Images: for each literal the start of its program, -1 for none; the programs; 256 bytes for each set.
 * A program has the length of the literal, the number of needs, then the needs:
 * - `beside`: 0, characters before, characters after, number of stretches, and at, count and set of each
 * - `run`: 1, before, after, set, least
 * - `path`: 2, most characters before and after, number of steps before and after, and set, least and most of
 *   each
 * A set is its offset in `sets`. `made`: images that the new ones begin with.
 */
export function compileHitFilter(
  literals: readonly (FilteredLiteral | CompiledLiteral)[],
  made?: FilterImages,
): FilterImages {
  const start = {
    program: new Int32Array(made?.program ?? EMPTY),
    sets: new Uint8Array(made?.sets ?? EMPTY),
  };
  const starts = new Int32Array(made?.starts ?? EMPTY);
  const program: number[] = [];
  const sets = new Map<string, { index: number; set: Uint8Array }>();
  const byObject = new Map<Uint8Array, number>();
  const indexOf = (set: Uint8Array): number => {
    const known = byObject.get(set);
    if (known !== undefined) return known;
    const key = Buffer.from(set).toString('latin1');
    const entry = sets.get(key) ?? { index: start.sets.length + 256 * sets.size, set };
    sets.set(key, entry);
    byObject.set(set, entry.index);
    return entry.index;
  };
  const all = literals.map((literal) => {
    if ('compiled' in literal) return starts[literal.compiled]!;
    const { length, needs } = literal;
    if (needs === undefined) return -1;
    const at = start.program.length + program.length;
    program.push(length, needs.length);
    for (const need of needs) {
      if (need.type === 'run') program.push(1, need.before, need.after, indexOf(need.characters), need.least);
      else if (need.type === 'path') {
        program.push(2, reachOf(need.before), reachOf(need.after), need.before.length, need.after.length);
        for (const { set, least, most } of [...need.before, ...need.after])
          program.push(indexOf(set), least, most);
      } else {
        const stretches = stretchesOf(need, length);
        program.push(0, need.before.length, need.after.length, stretches.length);
        for (const { at, count, set } of stretches) program.push(at, count, indexOf(set));
      }
    }
    return at;
  });
  if (made && program.length === 0) return { ...made, starts: shared(Int32Array.from(all)) };
  return {
    starts: shared(Int32Array.from(all)),
    program: shared(Int32Array.from([...start.program, ...program])),
    sets: shared(Buffer.concat([start.sets, ...[...sets.values()].map(({ set }) => set)])),
  };
}

/**
 * Drops hits whose surroundings none of their rules could match. A hit passes if its surroundings are not
 * known: at the ends of the bytes, and at a seam.
 */
export class HitFilter {
  readonly #images: { starts: Int32Array; program: Int32Array; sets: Uint8Array };
  readonly #seams: Float64Array;
  /**
   * The last run [from, to) that was read of each set;
   * `step` is 1, or 2 plus the parity of `from` for UTF-16.
   */
  readonly #runs: { from: Int32Array; to: Int32Array; step: Uint8Array };

  /** `seams`: as in SweepOptions. */
  constructor({ starts, program, sets }: FilterImages, seams: Float64Array) {
    this.#images = {
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

  /**
   * Filters the hits from index `first` on, which lie in `bytes`. The first byte is at file offset `at`; hits
   * count it as offset `base`.
   */
  apply(hits: HitList, first: number, bytes: Uint8Array, at: number, base: number): Pausing<never> {
    this.#runs.step.fill(0);
    return hits.keep(first, (offset, id) => this.#passes(bytes, offset - base, id, at));
  }

  #passes(bytes: Uint8Array, from: number, id: number, at: number): boolean {
    const { starts, program } = this.#images;
    const start = starts[literalIndex(id)];
    if (start === undefined || start < 0) return true;
    const unit = isWideForm(id) ? 2 : 1;
    const end = from + unit * program[start]!;
    let pc = start + 2;
    for (let left = program[start + 1]!; left > 0; left--) {
      const before = program[pc + 1]!;
      const after = program[pc + 2]!;
      const low = from - unit * before;
      const high = end + unit * after;
      // UTF-16: the NUL of the last character may follow it, and big-endian characters begin with one.
      if (low < 0 || high > bytes.length || this.#seamIn(at + low - unit, at + high + unit)) return true;
      if (program[pc] === 0) {
        if (this.#beside(bytes, pc + 3, from, unit)) return true;
        pc += 4 + 3 * program[pc + 3]!;
      } else if (program[pc] === 1) {
        if (this.#run(bytes, program[pc + 3]!, program[pc + 4]!, low, high, unit)) return true;
        pc += 5;
      } else {
        const first = pc + 5;
        const middle = first + 3 * program[pc + 3]!;
        const last = middle + 3 * program[pc + 4]!;
        if (
          this.#path(bytes, first, middle, from - unit, -unit) &&
          this.#path(bytes, middle, last, end, unit)
        )
          return true;
        pc = last;
      }
    }
    return false;
  }

  /** True if the steps in [pc, stop) match from `at` on, which advances by `step` bytes. */
  #path(bytes: Uint8Array, pc: number, stop: number, at: number, step: number): boolean {
    const { program, sets } = this.#images;
    let place = at;
    for (let i = pc; i < stop; i += 3) {
      const set = program[i]!;
      const most = program[i + 2]!;
      let count = 0;
      while (count < most && sets[set + bytes[place]!] === 1) {
        count++;
        place += step;
      }
      if (count < program[i + 1]!) return false;
    }
    return true;
  }

  /** True if all stretches at `pc` match around the literal at `start`. */
  #beside(bytes: Uint8Array, pc: number, start: number, unit: number): boolean {
    const { program } = this.#images;
    const end = pc + 1 + 3 * program[pc]!;
    for (let i = pc + 1; i < end; i += 3)
      if (!this.#all(bytes, program[i + 2]!, start + unit * program[i]!, program[i + 1]!, unit)) return false;
    return true;
  }

  /**
   * True if `count` characters from `from` on are of the set. Those read for the last hit are not read again.
   */
  #all(bytes: Uint8Array, set: number, from: number, count: number, unit: number): boolean {
    const { sets } = this.#images;
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

  /**
   * True if [low, high) has a run of `least` characters:
   * reads every `least`-th one, and back if it is of the set.
   */
  #run(bytes: Uint8Array, set: number, least: number, low: number, high: number, unit: number): boolean {
    const { sets } = this.#images;
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
