import { availableParallelism } from 'node:os';
import { failure } from '../host.js';
import { RemoteAccess } from '../listing/remote-access.js';
import type { JobSource } from '../model/work.js';
import { openDump } from '../reading/open-dump.js';
import { Spool } from '../reading/spool.js';
import type { Store } from '../store/store.js';
import type { Slot } from './attempt.js';
import { MetricsFile } from './metrics.js';
import { Notices } from './notices.js';
import type { ScanningOptions } from './options.js';
import { Patience } from './patience.js';
import { patientStore } from './patient-store.js';
import { Reach } from './reach.js';
import { readRuleset, type UsedRules } from './ruleset.js';
import { type OpenProcess, processesOf, scannerOptionsOf } from './scan-process.js';
import { Supervisor } from './supervisor.js';
import { Tally } from './tally.js';
import { workerName } from './worker-name.js';

const MOST_JOBS = 16;
const HEARTBEAT = 30;
/** A shorter one is taken for a death by the queue. */
const SHORTEST_HEARTBEAT = 10;
const GRACE = 10;
const SPOOL = 20 * 2 ** 30;
/** Milliseconds for which a store that cannot be reached is asked again. */
const PATIENCE = 5 * 60_000;

/** What tests set in place of processes and times. */
export interface RunInternals {
  open?: OpenProcess;
  openDump?: typeof openDump;
  /** Milliseconds. */
  patience?: number;
  retryAfter?: number;
  /** Allows heartbeats below 10 s. */
  heartbeat?: number;
}

/** What a run needs whatever it works on: opened when it is asked for, and closed together. */
export class Run {
  readonly access: RemoteAccess;
  readonly notices: Notices;
  readonly patience: Patience;
  readonly store: Store;
  readonly worker = workerName();
  readonly options: ScanningOptions;
  readonly #internals: RunInternals;
  readonly #open: OpenProcess;
  #spool: Spool | undefined;
  #first: Slot | undefined;
  #rules: UsedRules | undefined;

  constructor(store: Store, options: ScanningOptions, internals: RunInternals = {}) {
    const { allowEgress = false, heartbeat = HEARTBEAT, signal } = options;
    if (heartbeat < SHORTEST_HEARTBEAT)
      throw failure({ code: 'wrong-option', message: `a heartbeat takes at least ${SHORTEST_HEARTBEAT} s` });
    this.options = options;
    this.#internals = internals;
    this.#open = internals.open ?? processesOf(options);
    this.access = new RemoteAccess({ allowEgress });
    this.notices = new Notices(options.onNotice);
    const most = internals.patience ?? PATIENCE;
    this.patience = new Patience({ most, notices: this.notices, signal });
    this.store = patientStore(store, this.patience);
  }

  get heartbeat(): number {
    return this.#internals.heartbeat ?? this.options.heartbeat ?? HEARTBEAT;
  }

  /** Scans at once. */
  get jobs(): number {
    return this.options.jobs ?? Math.min(availableParallelism(), MOST_JOBS);
  }

  /** When a lease that is taken now ends. */
  until(): string {
    return new Date(Date.now() + this.heartbeat * 1000).toISOString();
  }

  /** The rules of the first process, and the targets. They are in the store from now on. */
  async rules(): Promise<UsedRules> {
    if (this.#rules !== undefined) return this.#rules;
    const { process } = await this.#slot();
    const rules = await readRuleset(process.tool, scannerOptionsOf(this.options), (notice) =>
      this.notices.add(notice),
    );
    await this.store.useRuleset(rules.ruleset, rules.targets);
    this.#rules = rules;
    return rules;
  }

  /** The rules are known. */
  get isOpen(): boolean {
    return this.#rules !== undefined;
  }

  async #slot(): Promise<Slot> {
    this.#first ??= await this.#opened();
    return this.#first;
  }

  async #opened(): Promise<Slot> {
    const { spoolDir, spoolMax = SPOOL } = this.options;
    this.#spool ??= new Spool({ most: spoolMax, ...(spoolDir === undefined ? {} : { folder: spoolDir }) });
    const spool = this.#spool.slot();
    return { process: await this.#open(spool), spool };
  }

  /** Scans the jobs of a source. `total`: what is known to be done. */
  async supervise(
    source: JobSource,
    total: { dumps: number; bytes: number },
    { isEndless = false, heartbeat = this.heartbeat } = {},
  ): Promise<Tally> {
    const { grace = GRACE, limits, signal, metrics, onProgress } = this.options;
    const { retryAfter } = this.#internals;
    const rules = await this.rules();
    const tally = new Tally(total);
    const file = metrics === undefined ? undefined : new MetricsFile(metrics, tally);
    const supervisor = new Supervisor({
      source,
      setting: {
        store: this.store,
        access: this.access,
        openDump: this.#internals.openDump ?? openDump,
        rules,
        worker: this.worker,
        until: () => this.until(),
        seconds: limits?.seconds,
      },
      tally,
      notices: this.notices,
      reach: new Reach(this.#internals.patience ?? PATIENCE),
      first: await this.#slot(),
      open: () => this.#opened(),
      jobs: this.jobs,
      heartbeat: Math.min(heartbeat, this.heartbeat),
      grace,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      isEndless,
      signal,
      onSettled: () => onProgress?.(tally.progress()),
      onBeat: () => {
        onProgress?.(tally.progress());
        file?.write();
      },
    });
    // It closes the processes.
    this.#first = undefined;
    file?.write();
    await supervisor.run();
    file?.write();
    return tally;
  }

  async close(): Promise<void> {
    await this.#first?.process.close();
    this.#spool?.close();
    this.access.close();
    this.notices.end();
    await this.store.close();
  }
}
