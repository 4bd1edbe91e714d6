import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readAsset } from '../base/runtime/assets.js';
import { DumpsieveError, reasonOf } from '../base/runtime/errors.js';
import type { ChildUser } from '../options/scan-options.js';
import { ManifestSigner } from '../redact/signature/signer.js';
import { Departure } from './departure.js';
import { DumpLog } from './dump-history.js';
import { expire } from './expiry.js';
import type { GuardContext } from './guard-context.js';
import { GuardedDump } from './guarded-dump.js';
import { draftIdOf, Layout, sealedName } from './layout.js';
import { holdLock } from './lock.js';
import { GuardLog } from './log.js';
import { fileKey, openFiles } from './open-files.js';
import type { Policy } from './policy.js';
import { countRefusals } from './refusals.js';
import { serveRequests } from './requests.js';

/** Milliseconds between two looks at the folders; a change of the spool is noticed at once. */
const PERIOD = 5_000;

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
      await history.append({ event: 'start', policy: policy.sha256, version: versionOf() });
      await guard.reconcile();
      const wake = wakeUp(layout.path('spool'));
      const requests = serveRequests(policy.state, (entry) => history.append(entry));
      try {
        do {
          await guard.look();
          if (!once) await wake.next(PERIOD, signal);
        } while (!once && !signal.aborted);
      } finally {
        requests.close();
        wake.close();
      }
      return guard.result();
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

  constructor(
    { policy, signal, onProblem }: WatchOptions,
    layout: Layout,
    log: DumpLog,
    signer: ManifestSigner,
  ) {
    const { time, memory } = policy.limits;
    const user = userOf(policy);
    const limits = { seconds: time / 1000, memory, ...(user === undefined ? {} : { user }) };
    const notify = (entry: object): void => notifyBy(policy.notify, entry, onProblem);
    this.#context = { policy, layout, log, signer, limits, signal, notify };
    this.#onProblem = onProblem;
  }

  /** What a killed guard has left: folders of attempts, and decisions that were not carried out to the end. */
  async reconcile(): Promise<void> {
    const { layout, log } = this.#context;
    const left = fs.readdirSync(layout.path('work'));
    const isKept = (name: string): boolean => name.endsWith('.age') || name.includes('.copy');
    layout.remove(...left.filter((name) => !isKept(name)).map((name) => layout.path('work', name)));
    const sealed = new Set(layout.sealed('work').map(({ id }) => id));
    for (const [id, decided] of [...log.undone()])
      if (!sealed.has(id)) await new Departure(this.#context, { id, isCut: false }).resume(decided);
  }

  /** One look at all folders. */
  async look(): Promise<void> {
    const { layout, policy, log, signal } = this.#context;
    await countRefusals(policy.state, log);
    await this.#takeOrphans();
    for (const dump of layout.sealed('spool')) layout.move(dump, 'spool', 'work');
    for (const dump of layout.sealed('work')) {
      if (signal.aborted) return;
      await this.#orLater(() => new GuardedDump(this.#context, dump).run());
    }
    await expire(this.#context);
  }

  /** Files under a dot name, left by a handler that was killed: what came until then is a cut dump. */
  async #takeOrphans(): Promise<void> {
    const { layout, log } = this.#context;
    const spool = layout.path('spool');
    const drafts = fs.readdirSync(spool).filter((name) => name.startsWith('.'));
    if (drafts.length === 0) return;
    const open = openFiles();
    for (const name of drafts) {
      const draft = path.join(spool, name);
      const stats = fs.lstatSync(draft, { throwIfNoEntry: false });
      if (stats === undefined || open.has(fileKey(stats))) continue;
      const id = draftIdOf(name);
      const isEmpty = stats.size === 0;
      if (id !== undefined && isEmpty)
        await log.append({ event: 'refused', dump: id, reason: 'handler-killed' });
      if (id === undefined || isEmpty) layout.remove(draft);
      else layout.rename(draft, layout.path('spool', sealedName({ id, isCut: true })), true);
    }
  }

  /** An error of the disk, or of a program that is missing, ends nothing: it is tried again at the next look. */
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

const NOBODY = 'nobody';

/** The user whose permissions processes get that read a dump. Throws (exit 3) if there is none of the name. */
function userOf({ user }: Policy): ChildUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = String(user ?? NOBODY);
  for (const line of fs.readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name || uid === name) return { uid: Number(uid), gid: Number(gid) };
  }
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(name) };
  throw new DumpsieveError({
    code: 'guard-no-user',
    message: `there is no user ${name}`,
    hint: 'name one under which dumps are read: user: nobody',
  });
}

/** Wakes up when something changes in a folder. Where that cannot be watched, only after the period. */
function wakeUp(folder: string): { next(period: number, signal: AbortSignal): Promise<void>; close(): void } {
  let isChanged = false;
  let wake = (): void => {};
  let watcher: fs.FSWatcher | undefined;
  try {
    watcher = fs.watch(folder, { persistent: false }, () => {
      isChanged = true;
      wake();
    });
    watcher.on('error', () => {});
  } catch {
    // The limit of watches is reached.
  }
  return {
    async next(period, signal) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!isChanged) {
        const timer = new AbortController();
        const stop = AbortSignal.any([signal, timer.signal]);
        await Promise.race([changed, pause(period, undefined, { signal: stop }).catch(() => {})]);
        timer.abort();
      }
      isChanged = false;
    },
    close: () => watcher?.close(),
  };
}

/** Seconds that a command to notify may take. */
const NOTIFYING = 60;

function notifyBy(
  command: readonly string[] | undefined,
  entry: object,
  onProblem: WatchOptions['onProblem'],
): void {
  const [program, ...parameters] = command ?? [];
  if (program === undefined) return;
  const failed = (reason: string): void =>
    onProblem(
      new DumpsieveError(
        {
          code: 'guard-not-notified',
          message: `the command to notify failed (${reason})`,
          hint: 'the entry is in the log: dumpsieve guard list',
        },
        2,
      ),
    );
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: NOTIFYING * 1000,
  });
  child.once('error', (error) => failed(reasonOf(error)));
  child.once('exit', (status, signal) => {
    if (status !== 0) failed(signal ?? `exit status ${status}`);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`${JSON.stringify(entry)}\n`);
}
