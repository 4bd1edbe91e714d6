import { Turns } from '../base/runtime/turns.js';
import type { Detected } from '../detect/core/types.js';
import { limitOf } from '../limits/other-limits.js';
import { budgetOf, type EffortLevel } from '../model/effort.js';
import type { Rulebook } from '../rulebook/rulebook.js';
import type { ValueHits } from '../sweep/types.js';
import type { Ledger } from './ledger.js';
import type { OpenDump } from './open-dump.js';
import { RandomValues } from './random-values.js';
import { stopReason } from './stop-reason.js';

/** What the search for owners needs of an artifact. */
export type OwnedMemory = Pick<OpenDump, 'dump' | 'reader' | 'length'>;

interface OwnedSetup {
  book: Rulebook;
  effort: EffortLevel;
  signal?: AbortSignal | undefined;
}

/** Random-looking values, whose owners the dump's format finds when all is swept. */
export class OwnedValues {
  readonly #memory: OwnedMemory;
  readonly #setup: OwnedSetup;
  readonly #values: RandomValues;

  constructor(memory: OwnedMemory, setup: OwnedSetup, most?: number) {
    this.#memory = memory;
    this.#setup = setup;
    this.#values = new RandomValues(most);
  }

  take(randomRuns: ValueHits): void {
    this.#values.push(randomRuns);
  }

  /** Passes on the candidates. What was not searched for goes to the ledger. */
  async finish(ledger: Ledger, accept: (detected: Detected) => void): Promise<void> {
    const { dump, reader, length } = this.#memory;
    const { book, effort, signal } = this.#setup;
    const tables = book.net.values?.names;
    if (dump.owners === undefined || tables === undefined) return;
    const { OwnedExaminer } = await import('../detect/values/owned-examiner.js');
    const examiner = new OwnedExaminer(book.rules.rules, reader, { tables, budget: budgetOf({ effort }) });
    const search = dump.owners(this.#values.runs(), (name) => examiner.mayName(name));
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
        const candidate = value && examiner.examine(value);
        if (candidate) accept(candidate);
        if (turns.isDue) await turns.take();
      }
      ledger.limits.push(...examiner.limits());
    } catch (error) {
      if (signal?.aborted)
        ledger.limits.push(limitOf('owners', { left: this.#values.count }, all, stopReason(signal)));
      throw error;
    }
  }
}

const beyond = (left: number): string =>
  `${left} random-looking values, or references to them, were not followed to what holds them: too many`;
