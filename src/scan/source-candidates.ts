import { Turns } from '../core/base/runtime/turns.js';
import { budgetOf, type EffortLevel } from '../core/model/effort.js';
import type { Stopwatch } from '../core/options/stopwatch.js';
import { countOpenRuns } from '../detect/chance/open-runs.js';
import { ValueCensus, type ValueCount } from '../detect/chance/value-census.js';
import type { Detected } from '../detect/core/types.js';
import { Examiner, type Hits } from '../detect/examine.js';
import type { ExamineObserver } from '../detect/observer.js';
import type { Rulebook } from '../detect/rulebook/rulebook.js';
import type { ValueExaminer } from '../detect/values/examiner.js';
import type { Mark } from '../sweep/marks.js';
import type { SweepPool } from '../sweep/pool.js';
import type { ValueHits } from '../sweep/types.js';
import type { Swept } from './first-sweep.js';
import type { Ledger } from './ledger.js';
import type { OpenDump } from './open-dump.js';
import { type OwnedMemory, OwnedValues } from './owned-values.js';

/** Number of hits or values without a candidate that are examined without a look at the clock. */
const SOME = 128;

export interface CandidateSetup {
  book: Rulebook;
  effort: EffortLevel;
  stopwatch: Stopwatch;
  pool: Pick<SweepPool, 'map'>;
  observer?: ExamineObserver | undefined;
  signal?: AbortSignal | undefined;
}

/** From what the sweep has hit, literals and values, to candidates: each hit is examined where it lies. */
export class SourceCandidates {
  readonly #memory: OwnedMemory & Pick<OpenDump, 'view'>;
  readonly #setup: CandidateSetup;
  readonly #accept: (detected: Detected) => void;
  readonly #owned: OwnedValues;
  #examiner: Examiner | undefined;
  /** Made for the first random-looking value. */
  #census: ValueCensus | undefined;
  /** Loaded at the first value. */
  #values: ValueExaminer | undefined;

  constructor(
    memory: OwnedMemory & Pick<OpenDump, 'view'>,
    setup: CandidateSetup,
    accept: (detected: Detected) => void,
  ) {
    this.#memory = memory;
    const { book, stopwatch, observer } = setup;
    const isTimed = observer === undefined && stopwatch.isDetailed;
    this.#setup = isTimed ? { ...setup, observer: detectorTimes(book, stopwatch) } : setup;
    this.#accept = accept;
    this.#owned = new OwnedValues(memory, setup);
  }

  /** What the sweep may search for, too: see {@link OwnedValues.marks}. */
  marks(): Promise<readonly Mark[] | undefined> {
    return this.#owned.marks();
  }

  /** Examines a batch piece by piece, so that signals and timers get a turn. */
  async take(swept: Swept): Promise<void> {
    this.#owned.take(swept);
    if (swept.offsets.length > 0) await this.#examineHits(swept);
    if (swept.census ?? swept.values) this.#count(swept);
    if (swept.values) await this.#examineValues(swept.values);
  }

  /** How many random-looking values of each length and alphabet the artifact has so far. */
  census(): ValueCount[] {
    return this.#census?.boundedCounts() ?? [];
  }

  /** Overwrites what it has of values. */
  wipe(): void {
    this.#census?.wipe();
  }

  #count({ census, values }: Swept): void {
    this.#census ??= new ValueCensus();
    if (census) this.#census.addAll(census);
    if (values) countOpenRuns(values, this.#memory.view, this.#census);
  }

  async #examineHits({ offsets, ids }: Hits): Promise<void> {
    const { book, effort, observer, signal } = this.#setup;
    const { view } = this.#memory;
    this.#examiner ??= new Examiner(book.rules, view, { budget: budgetOf({ effort }), observer });
    const examiner = this.#examiner;
    // The dump is re-read when the file grew; use its current view.
    examiner.view = view;
    const turns = new Turns(signal);
    for (let at = 0; at < offsets.length; at += SOME) {
      const end = Math.min(at + SOME, offsets.length);
      await this.#acceptInTurns(examiner.push({ offsets, ids }, at, end), turns);
    }
  }

  async #examineValues({ offsets, ids }: ValueHits): Promise<void> {
    const { book, effort, observer, signal } = this.#setup;
    const { view } = this.#memory;
    const { ValueExaminer } = await import('../detect/values/examiner.js');
    const tables = book.net.values?.names;
    if (tables === undefined) return;
    const setup = { budget: budgetOf({ effort }), observer, tables };
    this.#values ??= new ValueExaminer(book.rules.rules, view, setup);
    this.#values.view = view;
    const turns = new Turns(signal);
    for (let at = 0; at < offsets.length; at += SOME) {
      const end = Math.min(at + SOME, offsets.length);
      await this.#acceptInTurns(this.#values.push({ offsets, ids }, at, end), turns);
    }
  }

  /** When all is swept: values that have their names from what holds them. */
  findOwned(ledger: Ledger): Promise<void> {
    return this.#owned.finish(ledger, this.#accept);
  }

  /** Candidates that waited for further hits; then enters in the ledger what was not examined. */
  async finish(ledger: Ledger): Promise<void> {
    // What was detected before an abort is accepted after it.
    const turns = new Turns();
    await this.#acceptInTurns(this.#examiner?.finish() ?? [], turns);
    await this.#acceptInTurns(this.#values?.finish() ?? [], turns);
    ledger.skipped(this.#examiner?.limits() ?? []);
    ledger.limits.push(...(this.#values?.limits() ?? []));
    ledger.limits.push(...(this.#examiner?.shortened() ?? []));
  }

  async #acceptInTurns(detected: Iterable<Detected>, turns: Turns): Promise<void> {
    const { stopwatch } = this.#setup;
    const iterator = detected[Symbol.iterator]();
    for (let isDone = false; !isDone; ) {
      isDone = stopwatch.time('detect', () => this.#acceptUntilDue(iterator, turns));
      if (turns.isDue) await turns.take();
    }
  }

  /** False if a pause is due. The proof of a key takes up to some milliseconds. */
  #acceptUntilDue(detected: Iterator<Detected>, turns: Turns): boolean {
    for (let next = detected.next(); !next.done; next = detected.next()) {
      this.#accept(next.value);
      if (turns.isDue) return false;
    }
    return true;
  }
}

/** Adds the time of each group of hits to that of the detector of its rule. */
function detectorTimes({ rules }: Rulebook, stopwatch: Stopwatch): ExamineObserver {
  const detectors = new Map(rules.rules.map(({ id, detector }) => [id, detector]));
  return {
    hit: () => true,
    spent: ({ id }, milliseconds) => stopwatch.add('detectors', [[detectors.get(id) ?? id, milliseconds]]),
  };
}
