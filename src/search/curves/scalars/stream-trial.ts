import type { NumberRecord } from '../../../sweep/runs/records.js';
import { WordTable } from '../../core/word-table.js';
import { LIKELY, SCALAR } from '../numbers/number-flags.js';
import { BLOCK_NUMBERS } from './block-multiples.js';
import {
  ALL,
  isAmong,
  type Selections,
  type SweptNumber,
  shareOf,
  type TrialSelection,
} from './sweep-plan.js';
import type { ScalarTrial } from './trial.js';

/** Octets of a key of Curve25519. */
const KEY = 32;

/**
 * Numbers that a task may try beyond the shares of its numbers: several times what chance makes of it. A
 * crafted file has only numbers whose bytes select them.
 */
const SLACK = 256;

/** Numbers of one selection that wait to be tried together. */
class Waiting {
  readonly selection: TrialSelection;
  readonly index: number;
  readonly numbers: Uint8Array;
  readonly offsets = new Float64Array(BLOCK_NUMBERS);
  readonly flags = new Uint8Array(BLOCK_NUMBERS);
  count = 0;
  /** Numbers that may still be tried, in 255ths. */
  room = SLACK * ALL;

  constructor(selection: TrialSelection, index: number) {
    this.selection = selection;
    this.index = index;
    this.numbers = new Uint8Array(BLOCK_NUMBERS * selection.size);
  }
}

/** Numbers among which the public half of a key of Curve25519 is searched for: those next to its seed. */
const BESIDE = 1 << 14;

/** Tries numbers as they are swept, and keeps those that match. */
export class StreamTrial {
  readonly found: (SweptNumber & { selection: number })[] = [];
  readonly #trial: ScalarTrial;
  readonly #places: ArrayLike<number>;
  readonly #waiting: readonly Waiting[];
  /** First words of the numbers last swept of the size of Curve25519. */
  readonly #beside = WordTable.forWords(BESIDE);
  #count = 0;
  /** Numbers that were tried or wait, of all selections. */
  tried = 0;

  constructor(trial: ScalarTrial, { places, selections }: Omit<Selections, 'identities'>) {
    this.#trial = trial;
    this.#places = places;
    this.#waiting = selections.map((selection, index) => new Waiting(selection, index));
  }

  add({ offset, detail, sum: kind, size, bytes, words, at }: NumberRecord): void {
    if (size === KEY) this.#remember(words[at / 4]!, words[at / 4 + 1]!);
    if ((detail & (SCALAR | LIKELY)) === 0) return;
    for (const waiting of this.#waiting) {
      const { selection, numbers } = waiting;
      if (selection.size !== size) continue;
      const share = shareOf(selection, this.#places, { offset, flags: detail, kind });
      waiting.room += share;
      if (waiting.room < ALL || !isAmong(share, words[at / 4 + 1]!)) continue;
      waiting.room -= ALL;
      this.tried++;
      // Not as soon as it is full: the number behind the last one may be its public half.
      if (waiting.count === BLOCK_NUMBERS) this.#try(waiting);
      numbers.set(bytes.subarray(at, at + size), waiting.count * size);
      waiting.offsets[waiting.count] = offset;
      waiting.flags[waiting.count++] = detail;
    }
  }

  #remember(low: number, high: number): void {
    if (this.#count === BESIDE) {
      this.finish();
      this.#beside.clear();
      this.#count = 0;
    }
    this.#beside.add(low, high);
    this.#count++;
  }

  /** Tries what is left. */
  finish(): void {
    for (const waiting of this.#waiting) this.#try(waiting);
  }

  #try(waiting: Waiting): void {
    const { selection, numbers, offsets, flags, count, index } = waiting;
    const { attempt, size } = selection;
    waiting.count = 0;
    if (count === 0) return;
    const block = { attempt, size, numbers: numbers.subarray(0, count * size) };
    for (const i of this.#trial.matches(block, this.#beside))
      this.found.push({
        ...{ selection: index, number: numbers.slice(i * size, (i + 1) * size) },
        ...{ offset: offsets[i]!, flags: flags[i]! },
      });
  }
}
