import fs from 'node:fs';
import { readAsset } from '../core/base/runtime/assets.js';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import { ManifestSigner } from '../redact/signature/signer.js';
import { Departure } from './dumps/departure.js';
import { DumpLog } from './dumps/dump-history.js';
import { expire } from './dumps/expiry.js';
import type { GuardContext } from './dumps/guard-context.js';
import { GuardedDump } from './dumps/guarded-dump.js';
import { takeOrphans } from './dumps/orphans.js';
import { countRefusals } from './dumps/refusals.js';
import { GuardLog } from './log/log.js';
import { notifyBy } from './notify.js';
import type { Policy } from './policy/policy.js';
import { serveRequests } from './requests.js';
import { childUserOf } from './state/child-user.js';
import { Layout } from './state/layout.js';
import { holdLock } from './state/lock.js';
import { wakeUp } from './wake-up.js';
import { WatchedFolders } from './watched-folders.js';

/** Milliseconds between two looks at the folders; a change of the spool is noticed at once. */
const PERIOD = 5_000;
/** The same of a guard that runs once, for files that are not quiet yet. */
const AGAIN = 200;

export interface WatchOptions {
  policy: Policy;
  /** Ends when nothing is left to do. */
  once: boolean;
  signal: AbortSignal;
  /** Gets each signed head of the log as a line. */
  onHead: (line: string) => void;
  /** Gets what could not be done now, and is tried again. */
  onProblem: (problem: DumpsieveError) => void;
}

/** What a run of the guard has done. */
export interface WatchResult {
  /** Dumps by where they are. */
  out: number;
  quarantine: number;
  dropped: number;
  /** Dumps that are still to be dealt with, because of an error. */
  left: number;
}

/** The service: takes sealed dumps from the spool, one after the other, until it is stopped. */
export async function watchDumps(options: WatchOptions): Promise<WatchResult> {
  const { policy, once, signal } = options;
  const layout = Layout.open(policy.state);
  const unlock = await holdLock(policy.state);
  try {
    const signer = ManifestSigner.open(policy.sign);
    const log = await GuardLog.open(policy.state, signer, options.onHead);
    try {
      const history = await DumpLog.read(log);
      const guard = new Guard(options, layout, history, signer);
      const requests = serveRequests(policy.state, (entry) => history.append(entry));
      const wake = wakeUp(layout.path('spool'));
      try {
        await history.append({ event: 'start', policy: policy.sha256, version: versionOf() });
        await guard.reconcile();
        for (;;) {
          await guard.look();
          if (signal.aborted || (once && !guard.isWaiting)) break;
          await wake.next(once ? AGAIN : PERIOD, signal);
        }
        return guard.result();
      } finally {
        wake.close();
        requests.close();
        guard.close();
      }
    } finally {
      log.close();
    }
  } finally {
    unlock();
  }
}

class Guard {
  readonly #context: GuardContext;
  readonly #onProblem: WatchOptions['onProblem'];
  readonly #folders: WatchedFolders;

  constructor(
    { policy, signal, onProblem }: WatchOptions,
    layout: Layout,
    log: DumpLog,
    signer: ManifestSigner,
  ) {
    const { time, memory } = policy.limits;
    const user = childUserOf(policy);
    const limits = { seconds: time / 1000, memory, ...(user === undefined ? {} : { user }) };
    const notify = (entry: object): void => notifyBy(policy.notify, entry, onProblem);
    this.#context = { policy, layout, log, signer, limits, signal, notify };
    this.#onProblem = onProblem;
    this.#folders = new WatchedFolders(this.#context);
  }

  /** Whether a look may find more without a new dump: a file of a watched folder that is not quiet yet. */
  get isWaiting(): boolean {
    return this.#folders.waiting > 0;
  }

  close(): void {
    this.#folders.close();
  }

  /** What a killed guard has left: folders of attempts, and decisions that were not carried out. */
  async reconcile(): Promise<void> {
    const { layout, log } = this.#context;
    const left = fs.readdirSync(layout.path('work'));
    const isKept = (name: string): boolean => name.endsWith('.age') || name.includes('.copy');
    layout.remove(...left.filter((name) => !isKept(name)).map((name) => layout.path('work', name)));
    const drafts = fs.readdirSync(layout.path('quarantine')).filter((name) => name.startsWith('.'));
    layout.remove(...drafts.map((name) => layout.path('quarantine', name)));
    const sealed = new Set(layout.sealed('work').map(({ id }) => id));
    for (const [id, decided] of [...log.undone()])
      if (!sealed.has(id)) await new Departure(this.#context, { id, isCut: false }).resume(decided);
  }

  /** One look at all folders. */
  async look(): Promise<void> {
    const { layout, policy, log, signal } = this.#context;
    layout.restore();
    await countRefusals(policy.state, log);
    await this.#orLater(() => this.#folders.look());
    await takeOrphans(this.#context);
    for (const dump of layout.sealed('spool')) layout.move(dump, 'spool', 'work');
    for (const dump of layout.sealed('work')) {
      if (signal.aborted) return;
      await this.#orLater(() => new GuardedDump(this.#context, dump).run());
    }
    await expire(this.#context);
  }

  /** An error of the disk, or a program that is missing, ends nothing: the next look tries it again. */
  async #orLater(body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      if (this.#context.signal.aborted) return;
      const isOfLog = error instanceof DumpsieveError && error.code.startsWith('guard-log-');
      if (isOfLog) throw error;
      this.#onProblem(error instanceof DumpsieveError ? error : laterOf(error));
    }
  }

  result(): WatchResult {
    const { layout, log } = this.#context;
    return { ...log.ended, left: layout.sealed('work').length + layout.sealed('spool').length };
  }
}

const laterOf = (error: unknown): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-try-again',
      message: `a dump could not be dealt with (${reasonOf(error)})`,
      hint: 'it is left where it is, and tried again: dumpsieve guard check says what is wrong',
    },
    2,
    error,
  );

const versionOf = (): string =>
  (JSON.parse(readAsset('package.json').toString()) as { version: string }).version;
