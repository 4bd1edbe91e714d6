import { finishInTurns, Turns } from '../core/base/runtime/turns.js';
import { limitOf } from '../core/limits/limit.js';
import { budgetOf, type EffortLevel } from '../core/model/effort.js';
import type { Detected } from '../detect/core/types.js';
import type { ObjectExaminer } from '../detect/objects/examiner.js';
import type { Rulebook } from '../detect/rulebook/rulebook.js';
import type { OwnedExaminer } from '../detect/values/owned-examiner.js';
import type { HeldObject, Owned, RandomRuns } from '../formats/memory/types.js';
import type { Mark } from '../sweep/marks.js';
import { PausingTasks } from '../sweep/pausing-tasks.js';
import type { SweepPool } from '../sweep/pool.js';
import type { ValueHits } from '../sweep/types.js';
import { isWideRun, runLength } from '../sweep/values/value-run.js';
import type { Swept } from './first-sweep.js';
import type { Ledger } from './ledger.js';
import type { OpenDump } from './open-dump.js';
import { stopReason } from './stop-reason.js';

/** What the search for owners needs of an artifact. */
export type OwnedMemory = Pick<OpenDump, 'dump' | 'reader' | 'length' | 'stored'>;

interface OwnedSetup {
  book: Rulebook;
  effort: EffortLevel;
  pool: Pick<SweepPool, 'map'>;
  signal?: AbortSignal | undefined;
}

/** Random-looking values, whose owners the dump's format finds when all is swept. */
export class OwnedValues {
  readonly #memory: OwnedMemory;
  readonly #setup: OwnedSetup;
  readonly #values: RandomValues;
  /** Bytes from the start of the artifact that were swept and have no mark. */
  #unmarked = 0;

  constructor(memory: OwnedMemory, setup: OwnedSetup, most?: number) {
    this.#memory = memory;
    this.#setup = setup;
    this.#values = new RandomValues(most);
  }

  /** Marks of objects that the rules ask for, for the sweep: see {@link ParsedDump.objectMarks}. */
  async marks(): Promise<readonly Mark[] | undefined> {
    const { dump } = this.#memory;
    if (dump.objectMarks === undefined) return undefined;
    const { objects } = await this.#examiners();
    return objects && finishInTurns(dump.objectMarks(objects.queries), this.#setup.signal);
  }

  take({ from, to, randomRuns, marked }: Pick<Swept, 'from' | 'to' | 'randomRuns' | 'marked'>): void {
    if (randomRuns) this.#values.push(randomRuns);
    if (marked === false && from === this.#unmarked) this.#unmarked = to;
  }

  /** Passes on the candidates. What was not searched for goes to the ledger. */
  async finish(ledger: Ledger, accept: (detected: Detected) => void): Promise<void> {
    const { dump, length, stored: storage } = this.#memory;
    const { pool, signal } = this.#setup;
    if (dump.owners === undefined) return;
    const examiners = await this.#examiners();
    const mayName = (name: string) => examiners.values?.mayName(name) ?? false;
    const tasks = new PausingTasks(pool);
    const threads = storage && { storage, tasks };
    const queries = this.#unmarked < length ? (examiners.objects?.queries ?? []) : [];
    const search = dump.owners(this.#values.runs(), mayName, queries, threads);
    const turns = new Turns(signal);
    const all = { offset: 0, length };
    try {
      for (;;) {
        const { done, value } = search.next();
        if (done) {
          const left = this.#values.left + value.left;
          if (left > 0) ledger.limits.push(limitOf('owners', { left }, all, beyond(left)));
          ledger.warnings.push(...value.warnings);
          break;
        }
        if (value) for (const candidate of candidatesOf(value, examiners)) accept(candidate);
        await tasks.pending;
        if (turns.isDue) await turns.take();
      }
      ledger.limits.push(...(examiners.values?.limits() ?? []), ...(examiners.objects?.limits() ?? []));
    } catch (error) {
      if (signal?.aborted)
        ledger.limits.push(limitOf('owners', { left: this.#values.count }, all, stopReason(signal)));
      throw error;
    } finally {
      search.return({ left: 0, warnings: [] });
    }
  }

  /** Their code is loaded only for a dump with owners. */
  async #examiners(): Promise<Examiners> {
    const { book, effort } = this.#setup;
    const { rules } = book.rules;
    const { reader } = this.#memory;
    const tables = book.net.values?.names;
    const budget = budgetOf({ effort });
    const [{ OwnedExaminer }, { ObjectExaminer }] = await Promise.all([
      import('../detect/values/owned-examiner.js'),
      import('../detect/objects/examiner.js'),
    ]);
    return {
      values: tables && new OwnedExaminer(rules, reader, { tables, budget }),
      objects: rules.some(({ objects }) => objects) ? new ObjectExaminer(rules, reader, budget) : undefined,
    };
  }
}

/** Undefined if no rule in use needs one. */
interface Examiners {
  values: OwnedExaminer | undefined;
  objects: ObjectExaminer | undefined;
}

function* candidatesOf(found: Owned | HeldObject, { values, objects }: Examiners): Generator<Detected> {
  if ('query' in found) yield* objects?.examine(found) ?? [];
  else {
    const candidate = values?.examine(found);
    if (candidate !== undefined) yield candidate;
  }
}

const beyond = (left: number): string =>
  `${left} random-looking values, objects with keys, or references to them were not followed: too many`;

/** Runs that are kept: 12 bytes each. */
const MOST = 2 ** 22;

/** Random-looking runs of an artifact whose format knows what holds them. */
export class RandomValues {
  #offsets = new Float64Array(64);
  #lengths = new Uint32Array(64);
  #count = 0;
  /** Runs beyond the most that are kept. */
  left = 0;
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  push({ offsets, ids }: ValueHits): void {
    const taken = Math.min(offsets.length, this.#most - this.#count);
    this.left += offsets.length - taken;
    this.#reserve(this.#count + taken);
    for (let i = 0; i < taken; i++) {
      this.#offsets[this.#count] = offsets[i]!;
      this.#lengths[this.#count++] = (isWideRun(ids[i]!) ? 2 : 1) * runLength(ids[i]!);
    }
  }

  #reserve(count: number): void {
    if (count <= this.#offsets.length) return;
    const size = Math.max(count, Math.min(this.#most, 2 * this.#offsets.length));
    const [offsets, lengths] = [new Float64Array(size), new Uint32Array(size)];
    offsets.set(this.#offsets.subarray(0, this.#count));
    lengths.set(this.#lengths.subarray(0, this.#count));
    [this.#offsets, this.#lengths] = [offsets, lengths];
  }

  /** All of them, ascending; a file that grew was swept twice around its former end. */
  runs(): RandomRuns {
    const offsets = this.#offsets.subarray(0, this.#count);
    const lengths = this.#lengths.subarray(0, this.#count);
    if (offsets.every((offset, i) => i === 0 || offsets[i - 1]! <= offset)) return { offsets, lengths };
    const order = Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]!);
    return {
      offsets: Float64Array.from(order, (i) => offsets[i]!),
      lengths: Uint32Array.from(order, (i) => lengths[i]!),
    };
  }
}
