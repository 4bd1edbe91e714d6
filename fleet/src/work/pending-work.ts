import type { StoredDump } from '../model/dump.js';
import type { Job, JobSource, Outcome, Settled } from '../model/work.js';
import type { Store, WorkScope } from '../store/store.js';
import { isGone } from './worker-name.js';

export interface PendingOptions {
  store: Store;
  scope: WorkScope;
  worker: string;
  /** Seconds for which a dump is held without a sign of its worker. */
  heartbeat: number;
  /** Lists a dump anew that was replaced. False if it is gone, or cannot be listed. */
  relist(dump: StoredDump): Promise<boolean>;
}

/** Times that a dump is listed anew in one run: one that always changes is left. */
const RELISTINGS = 3;

const ENDED: Settled = { isLast: true, isDead: false };
const AGAIN: Settled = { isLast: false, isDead: false };

/** Dumps of the store without a scan. They are held by leases in the store. */
export class PendingWork implements JobSource {
  readonly #options: PendingOptions;
  readonly #relisted = new Map<number, number>();
  /** The last dump that a rescan has taken. */
  #last: StoredDump | undefined;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  #until(): string {
    return new Date(Date.now() + this.#options.heartbeat * 1000).toISOString();
  }

  async take(most: number): Promise<readonly Job[]> {
    const { store, scope, worker } = this.#options;
    const claim = () => store.claim(scope, worker, this.#until(), most, this.#last);
    let dumps = await claim();
    // No index tells what has a scan by these rules: a rescan looks through those before only once.
    if (dumps.length === 0 && this.#last !== undefined) {
      this.#last = undefined;
      dumps = await claim();
    }
    if (scope.rescan) this.#last = dumps.at(-1);
    return dumps.map((dump) => ({ dump, id: String(dump.id) }));
  }

  async touch(): Promise<void> {
    await this.#options.store.renew(this.#options.worker, this.#until());
  }

  async settle({ dump }: Job, outcome: Outcome): Promise<Settled> {
    const { store, scope } = this.#options;
    if (outcome.type === 'scanned') {
      await store.store(dump, outcome.result);
      return ENDED;
    }
    if (outcome.type === 'known') {
      await store.link(dump, outcome.sha256);
      return ENDED;
    }
    if (outcome.type === 'replaced') return this.#replaced(dump);
    const { dead } = await store.fail(dump, scope.ruleset, failureOf(outcome));
    return outcome.type === 'crashed' ? { isLast: dead, isDead: dead } : ENDED;
  }

  async #replaced(dump: StoredDump): Promise<Settled> {
    const { store, scope, worker, relist } = this.#options;
    const times = (this.#relisted.get(dump.id) ?? 0) + 1;
    this.#relisted.set(dump.id, times);
    const isListed = times <= RELISTINGS && (await relist(dump));
    if (!isListed) {
      const message = times <= RELISTINGS ? 'it is gone, or cannot be listed' : 'it changes again and again';
      await store.fail(dump, scope.ruleset, { isCrash: false, code: 'replaced', message, isTemporary: true });
    }
    await store.release(worker, [dump.id]);
    return isListed ? AGAIN : ENDED;
  }

  /** Not while other workers hold dumps: if one of them dies, its dumps are scanned here. */
  async isDone(): Promise<boolean> {
    const { store, scope } = this.#options;
    const holders = await store.holders(scope);
    for (const each of holders) if (isGone(each)) await store.release(each);
    return holders.length === 0;
  }

  async giveBack(jobs: readonly Job[]): Promise<void> {
    const ids = jobs.map(({ dump }) => dump.id);
    await this.#options.store.release(this.#options.worker, ids);
  }

  /** Releases all that is held by this worker. */
  async close(): Promise<void> {
    await this.#options.store.release(this.#options.worker);
  }
}

/** An outcome without a result, as the store counts it. */
export function failureOf(outcome: Extract<Outcome, { type: 'crashed' | 'unreadable' }>): {
  isCrash: boolean;
  code: string;
  message: string;
  isTemporary: boolean;
} {
  if (outcome.type === 'crashed')
    return { isCrash: true, code: 'scan-crashed', message: outcome.message, isTemporary: true };
  const { code, message, isTemporary } = outcome;
  return { isCrash: false, code, message, isTemporary };
}
