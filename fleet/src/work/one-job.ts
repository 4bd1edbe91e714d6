import type { StoredDump } from '../model/dump.js';
import type { Job, JobSource, Outcome, Settled } from '../model/work.js';
import { failureOf } from './pending-work.js';
import type { Run } from './run.js';

/** One dump that another engine has named: it decides about further attempts. */
export class OneJob implements JobSource {
  readonly #run: Run;
  readonly #ruleset: string;
  #job: Job | undefined;
  #last: Outcome | undefined;
  #isDead = false;

  constructor(run: Run, ruleset: string, dump: StoredDump) {
    this.#run = run;
    this.#ruleset = ruleset;
    this.#job = { dump, id: String(dump.id) };
  }

  /** What became of it; undefined if it was given back. */
  get outcome(): Outcome | undefined {
    return this.#last;
  }

  /** It has crashed three times, in this run or in others. */
  get isDead(): boolean {
    return this.#isDead;
  }

  async take(): Promise<readonly Job[]> {
    const job = this.#job;
    this.#job = undefined;
    return job === undefined ? [] : [job];
  }

  async touch(): Promise<void> {
    await this.#run.store.renew(this.#run.worker, this.#run.until());
  }

  async settle({ dump }: Job, outcome: Outcome): Promise<Settled> {
    const { store } = this.#run;
    this.#last = outcome;
    if (outcome.type === 'scanned') await store.store(dump, outcome.result);
    else if (outcome.type === 'known') await store.link(dump, outcome.sha256);
    else if (outcome.type !== 'replaced')
      this.#isDead = (await store.fail(dump, this.#ruleset, failureOf(outcome))).dead;
    return { isLast: true, isDead: this.#isDead };
  }

  async isDone(): Promise<boolean> {
    return true;
  }

  async giveBack(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.#run.store.release(this.#run.worker);
  }
}
