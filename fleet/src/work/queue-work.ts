import type { Db, PgBoss } from 'pg-boss';
import type { StoredDump } from '../model/dump.js';
import type { Job, JobSource, Outcome, Settled } from '../model/work.js';
import type { Failure, Store, Transaction, WorkScope } from '../store/store.js';
import type { Patience } from './patience.js';
import { failureOf } from './pending-work.js';
import { DEAD, type Queue } from './queue.js';

export interface QueueWorkOptions {
  queue: Queue;
  store: Store;
  patience: Patience;
  ruleset: string;
  relist(dump: StoredDump): Promise<boolean>;
  /** It is done only when no other worker holds a job either. */
  waitsForOthers: boolean;
}

/** What a job says: digests and numbers alone. */
interface JobData {
  dump: number;
  ruleset: string;
}

/** A job as pg-boss identifies it: an attempt that was lost settles nothing. */
interface QueueJob extends Job {
  attempt: { id: string; retryCount: number };
}

const ENDED: Settled = { isLast: true, isDead: false };
const AGAIN: Settled = { isLast: false, isDead: false };

/** Transactions of a store, for pg-boss. */
const dbOf = (sql: Transaction): Db => ({
  executeSql: (text, values = []) => sql.executeSql(text, values) as ReturnType<Db['executeSql']>,
});

/** Jobs of pg-boss: results are stored and jobs are ended in one transaction, each job for itself. */
export class QueueWork implements JobSource {
  readonly #options: QueueWorkOptions;

  constructor(options: QueueWorkOptions) {
    this.#options = options;
  }

  #use<T>(body: (boss: PgBoss, name: string) => Promise<T>): Promise<T> {
    const { patience, queue } = this.#options;
    return patience.of(() => queue.use(body));
  }

  async take(most: number): Promise<readonly Job[]> {
    const fetched = await this.#use((boss, name) => boss.fetch<JobData>(name, { batchSize: most }));
    const jobs: QueueJob[] = [];
    for (const { id, retryCount, data } of fetched) {
      const attempt = { id, retryCount };
      const dump =
        data.ruleset === this.#options.ruleset ? await this.#options.store.dump(data.dump) : undefined;
      // A dump that was forgotten meanwhile.
      if (dump === undefined) await this.#use((boss, name) => boss.complete(name, attempt));
      else jobs.push({ dump, id, attempt });
    }
    return jobs;
  }

  async touch(jobs: readonly Job[]): Promise<void> {
    await this.#use((boss, name) => boss.touch(name, jobs.map(attemptOf)));
  }

  async settle(job: Job, outcome: Outcome): Promise<Settled> {
    const { store, ruleset, queue } = this.#options;
    const complete = (sql: Transaction): Promise<void> =>
      queue.use(
        async (boss, name) => void (await boss.complete(name, attemptOf(job), null, { db: dbOf(sql) })),
      );
    if (outcome.type === 'scanned') {
      await store.store(job.dump, outcome.result, complete);
      return ENDED;
    }
    if (outcome.type === 'known') {
      await store.link(job.dump, outcome.sha256, complete);
      return ENDED;
    }
    if (outcome.type === 'replaced') return this.#replaced(job, complete);
    const isCrash = outcome.type === 'crashed';
    const { dead } = await store.fail(job.dump, ruleset, failureOf(outcome), (sql, failure) =>
      isCrash ? this.#crashed(job, sql, failure) : complete(sql),
    );
    return isCrash ? { isLast: dead, isDead: dead } : ENDED;
  }

  /** The third crash is the last: a dead letter, which `forget` and a new listing do not send again. */
  #crashed(job: Job, sql: Transaction, { dead, crashes }: Failure): Promise<void> {
    const { queue, ruleset } = this.#options;
    const db = dbOf(sql);
    return queue.use(async (boss, name) => {
      if (!dead) return void (await boss.fail(name, attemptOf(job), { crashes }, { db }));
      await boss.complete(name, attemptOf(job), null, { db });
      await boss.send(DEAD, { dump: job.dump.id, ruleset, crashes }, { db });
    });
  }

  async #replaced(job: Job, complete: (sql: Transaction) => Promise<void>): Promise<Settled> {
    const { store, ruleset, relist } = this.#options;
    const { retryCount } = attemptOf(job);
    if (retryCount < RELISTINGS && (await relist(job.dump))) {
      await this.giveBack([job]);
      return AGAIN;
    }
    const message =
      retryCount < RELISTINGS ? 'it is gone, or cannot be listed' : 'it changes again and again';
    const what = { isCrash: false, code: 'replaced', message, isTemporary: true };
    await store.fail(job.dump, ruleset, what, complete);
    return ENDED;
  }

  async isDone(): Promise<boolean> {
    const { patience, queue, waitsForOthers } = this.#options;
    return (await patience.of(() => queue.left(waitsForOthers))) === 0;
  }

  /** Each for itself: they are queued again at once. */
  async giveBack(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs)
      await this.#use((boss, name) => boss.fail(name, attemptOf(job), { givenBack: true }));
  }

  async close(): Promise<void> {
    await this.#options.queue.close();
  }
}

/** Attempts of a dump that is replaced while it is read. */
const RELISTINGS = 10;

const attemptOf = (job: Job): QueueJob['attempt'] => (job as QueueJob).attempt;

/** Dumps of one statement. */
const BATCH = 1_000;

/** Queues what has no scan: a dump that is queued or under way is not queued again. Returns their number. */
export async function enqueue(
  { queue, store, patience }: Pick<QueueWorkOptions, 'queue' | 'store' | 'patience'>,
  scope: WorkScope,
  signal?: AbortSignal,
): Promise<number> {
  let queued = 0;
  for (let after = 0; ; ) {
    if (signal?.aborted) return queued;
    const dumps = await store.waiting(scope, after, BATCH);
    if (dumps.length === 0) return queued;
    const jobs = dumps.map(({ id }) => ({
      data: { dump: id, ruleset: scope.ruleset } satisfies JobData,
      singletonKey: String(id),
    }));
    await patience.of(() => queue.use((boss, name) => boss.insert(name, jobs)));
    queued += dumps.length;
    after = dumps.at(-1)!.id;
  }
}
