import { setMaxListeners } from 'node:events';
import type { Job, JobSource, Outcome } from '../model/work.js';
import { type Attempted, type AttemptSetting, attempt, type Slot } from './attempt.js';
import type { Notices } from './notices.js';
import { backoff } from './patience.js';
import type { Reach } from './reach.js';
import { cannotStart } from './scan-process.js';
import type { Tally } from './tally.js';

/** Attempts of one dump in a run, of those that end without the dump's part in it or may succeed later. */
const ATTEMPTS = 4;
/** Jobs that wait for their next attempt. Beyond them no more are taken. */
const MOST_LATER = 1_000;
/** Processes in a row that end before their scan. */
const MOST_LOST = 10;

/** Milliseconds before an attempt at most. */
const LONGEST_WAIT = 60_000;

/** Milliseconds between two questions whether there is work, at first and at most. */
const ASK_FIRST = 50;
const ASK_LONGEST = 2_000;

export interface SupervisorOptions {
  source: JobSource;
  setting: Omit<AttemptSetting, 'cut' | 'sha256'>;
  tally: Tally;
  notices: Notices;
  reach: Reach;
  /** A process of the caller: others are opened when there is work for them. */
  first: Slot;
  open(): Promise<Slot>;
  /** Scans at once. */
  jobs: number;
  /** Seconds. */
  heartbeat: number;
  grace: number;
  /** Milliseconds before the second attempt to read a dump; the third waits four times as long. */
  retryAfter?: number;
  /** Goes on when nothing is left, until `signal` is aborted. */
  isEndless: boolean;
  signal?: AbortSignal | undefined;
  /** After each dump. */
  onSettled?: () => void;
  /** Three times in a heartbeat. */
  onBeat?: () => void;
}

/** An attempt to come. */
interface Task {
  job: Job;
  /** Digest of its content, if an attempt before has read it. */
  sha256?: string | undefined;
}

/** One that is waited for: until a time of performance.now(). */
type Later = Task & { at: number };

/**
 * Scans jobs in processes, one at a time each, and says to their source that it still works on them. Its own
 * thread is never busy for long, so that a heartbeat is not late. A process that dies costs the dump an
 * attempt; the death of the supervisor costs none.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slot[];
  readonly #free: Slot[];
  readonly #held = new Set<Job>();
  readonly #later: Later[] = [];
  readonly #attempts = new Map<string, number>();
  readonly #cut = new AbortController();
  #working = 0;
  #settling = 0;
  #lost = 0;
  #error: unknown;
  #isEnding = false;
  #isTouching = false;
  #wake = (): void => {};

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#slots = [options.first];
    this.#free = [options.first];
    // Each scan and each request listens.
    setMaxListeners(0, this.#cut.signal);
  }

  /** Works until nothing is left, or until the signal. Closes all processes. */
  async run(): Promise<void> {
    const { signal, heartbeat } = this.#options;
    const end = (): void => this.#end();
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) end();
    const beat = setInterval(() => void this.#touch(), (heartbeat * 1000) / 3);
    try {
      await this.#work();
    } catch (error) {
      this.#fail(error);
    } finally {
      await this.#finish();
      clearInterval(beat);
      signal?.removeEventListener('abort', end);
    }
    if (this.#error !== undefined) throw this.#error;
  }

  async #work(): Promise<void> {
    for (let idle = 0, isDone = false; !this.#isEnding; ) {
      const changed = this.#change();
      const tasks = await this.#next();
      for (const task of tasks) this.#start(task);
      if (tasks.length > 0) idle = 0;
      else if (this.#working + this.#settling + this.#later.length === 0) {
        // Nothing was held, and after that nothing was to be taken: nothing was given back meanwhile.
        if (isDone) return;
        isDone = await this.#isDone();
        if (isDone) continue;
      }
      isDone = false;
      await changed(this.#capacity === 0 ? undefined : this.#pause(idle++));
    }
  }

  /** Milliseconds until it is asked again whether there is work. */
  #pause(idle: number): number {
    const next = Math.min(...this.#later.map(({ at }) => at)) - performance.now();
    return Math.max(0, Math.min(ASK_LONGEST, ASK_FIRST * 2 ** idle, next));
  }

  /** Scans that could begin now. */
  get #capacity(): number {
    return this.#options.jobs - this.#working;
  }

  /** Those whose time has come, and new ones: one for each free process. */
  async #next(): Promise<readonly Task[]> {
    const now = performance.now();
    const due: Task[] = [];
    for (let i = 0; i < this.#later.length && due.length < this.#capacity; ) {
      if (this.#later[i]!.at > now) i++;
      else due.push(...this.#later.splice(i, 1));
    }
    const most = this.#later.length < MOST_LATER ? this.#capacity - due.length : 0;
    if (most === 0) return due;
    const taken = await this.#options.source.take(most);
    for (const job of taken) this.#held.add(job);
    return [...due, ...taken.map((job) => ({ job, sha256: job.dump.sha256 }))];
  }

  async #isDone(): Promise<boolean> {
    return !this.#options.isEndless && (await this.#options.source.isDone());
  }

  #start(task: Task): void {
    if (this.#isEnding) return;
    this.#working++;
    void this.#run(task);
  }

  async #run(task: Task): Promise<void> {
    const attempted = await this.#attempt(task).catch((error: unknown): Attempted => {
      this.#fail(error);
      return { type: 'stopped' };
    });
    // The next scan begins while this one is stored.
    this.#working--;
    this.#settling++;
    this.#wake();
    try {
      // A process that died while the work ends was ended with it.
      if (attempted.type !== 'crashed' || !this.#isEnding) await this.#ended(task.job, attempted);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#settling--;
      this.#wake();
    }
  }

  async #attempt({ job, sha256 }: Task): Promise<Attempted> {
    const slot = this.#free.pop() ?? (await this.#opened());
    try {
      return await attempt(job.dump, slot, { ...this.#options.setting, cut: this.#cut.signal, sha256 });
    } finally {
      this.#free.push(slot);
    }
  }

  async #opened(): Promise<Slot> {
    const slot = await this.#options.open();
    this.#slots.push(slot);
    // It may have been opened while the work was given up.
    if (this.#cut.signal.aborted) await slot.process.close();
    return slot;
  }

  async #ended(job: Job, attempted: Attempted): Promise<void> {
    if (attempted.type !== 'lost') this.#lost = 0;
    if (attempted.type === 'stopped') return;
    if (attempted.type === 'lost') {
      if (++this.#lost >= MOST_LOST) throw cannotStart(attempted.message);
      return this.#again(job);
    }
    if (attempted.type === 'elsewhere') return this.#wait({ job, sha256: attempted.sha256 }, 1);
    const { reach } = this.#options;
    if (attempted.type !== 'unreadable') reach.has();
    else if (attempted.code === 'object-unreachable') reach.lacks(attempted.message);
    const isTemporary = attempted.type === 'unreadable' && attempted.isTemporary;
    if (isTemporary && this.#hasAttempt(job)) return this.#again(job);
    await this.#settle(job, attempted);
  }

  /** Counts an attempt. */
  #hasAttempt(job: Job): boolean {
    const attempts = (this.#attempts.get(job.id) ?? 0) + 1;
    this.#attempts.set(job.id, attempts);
    return attempts < ATTEMPTS;
  }

  #again(job: Job): void {
    this.#wait({ job }, this.#attempts.get(job.id) ?? 1);
  }

  #wait(task: Task, attempts: number): void {
    const { retryAfter = 1_000 } = this.#options;
    const at = performance.now() + backoff(2 * attempts - 1, retryAfter, LONGEST_WAIT);
    this.#later.push({ ...task, at });
  }

  async #settle(job: Job, outcome: Outcome): Promise<void> {
    const { source, tally, notices } = this.#options;
    const { isLast, isDead } = await source.settle(job, outcome);
    this.#held.delete(job);
    if (isLast) this.#attempts.delete(job.id);
    tally.add(outcome, job.dump.size, isLast);
    if (isDead) tally.counts.dead++;
    if (outcome.type === 'crashed')
      notices.add({ code: isDead ? 'dump-dead' : 'scan-crashed', message: outcome.message }, job.dump.uri);
    if (outcome.type === 'unreadable') notices.add(outcome, job.dump.uri);
    this.#options.onSettled?.();
  }

  async #touch(): Promise<void> {
    const { source, notices, onBeat } = this.#options;
    onBeat?.();
    if (this.#held.size === 0 || this.#isTouching) return;
    this.#isTouching = true;
    try {
      await source.touch([...this.#held]);
    } catch (error) {
      // Others may take the jobs then: the store decides whose result it keeps.
      notices.add({ code: 'heartbeat-failed', message: error instanceof Error ? error.message : 'unknown' });
    } finally {
      this.#isTouching = false;
    }
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#isEnding = true;
    this.#cut.abort();
    this.#wake();
  }

  #end(): void {
    this.#isEnding = true;
    const { grace } = this.#options;
    setTimeout(() => this.#cut.abort(), grace * 1000).unref();
    this.#wake();
  }

  /** Waits until running scans have ended or were aborted, then gives back the jobs that are left. */
  async #finish(): Promise<void> {
    const { source } = this.#options;
    this.#isEnding = true;
    const closeAll = () => Promise.all(this.#slots.map(({ process }) => process.close()));
    this.#cut.signal.addEventListener('abort', () => void closeAll(), { once: true });
    if (this.#cut.signal.aborted) await closeAll();
    while (this.#working + this.#settling > 0) await this.#change()();
    await closeAll();
    if (this.#held.size === 0) return;
    try {
      await source.giveBack([...this.#held]);
    } catch (error) {
      this.#error ??= error;
    }
  }

  /** Resolves at the next change, or after some milliseconds. A change before it is called counts. */
  #change(): (most?: number) => Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return async (most) => {
      if (most === undefined) return changed;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, most);
      });
      await Promise.race([changed, late]);
      clearTimeout(timer);
    };
  }
}
