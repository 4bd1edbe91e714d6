import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { useHost } from '../../../fleet/src/host.js';
import type { StoredDump } from '../../../fleet/src/model/dump.js';
import type { Job, JobSource, Outcome, Settled } from '../../../fleet/src/model/work.js';
import type { openDump } from '../../../fleet/src/reading/open-dump.js';
import type { AttemptSetting, Slot } from '../../../fleet/src/work/attempt.js';
import type { UsedRules } from '../../../fleet/src/work/ruleset.js';
import type { ScanProcess } from '../../../fleet/src/work/scan-process.js';
import * as dumpsieve from '../../../src/index.js';

/** Parts of a supervisor without processes: what becomes of a dump is in its URI, `test:BEHAVIOUR/name`. */

useHost(dumpsieve);

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const RULES: UsedRules = {
  ruleset: { digest: 'r'.repeat(64), version: '1', rules: 'x', effort: 'normal', options: {}, targets: [] },
  targets: [],
};

let ids = 0;
export function dump(uri: string, size = 100): StoredDump {
  ids++;
  return { id: ids, uri, version: '1', size };
}

const ended = (code: string, how: string) =>
  new dumpsieve.DumpsieveError({ code, message: `the process of the scan ended (${how})` }, 2);

/** What a process does with a source, by the behaviour in its name. */
const BEHAVIOURS: Readonly<Record<string, (closed: AbortSignal) => Promise<void> | void>> = {
  ok() {},
  slow: (closed) => sleep(50, undefined, { signal: closed }),
  endless: (closed) => sleep(600_000, undefined, { signal: closed }),
  crash() {
    throw ended('scan-child-crashed', 'SIGSEGV');
  },
  memory() {
    throw ended('scan-child-out-of-memory', '');
  },
  timeout() {
    throw ended('scan-child-timed-out', '');
  },
  terminated() {
    throw ended('scan-child-crashed', 'SIGTERM');
  },
  internal() {
    throw new dumpsieve.DumpsieveError({ code: 'internal-error', message: 'the scan ended' }, 3);
  },
  broken() {
    throw new TypeError('a mistake of the program');
  },
};

const behaviourOf = (uri: string): string => /^test:(\w+)\//.exec(uri)?.[1] ?? 'ok';

/** Counts scans by name, and how many ran at once. */
export class FakeProcesses {
  readonly scans: string[] = [];
  readonly opened: FakeProcess[] = [];
  running = 0;
  mostAtOnce = 0;

  slot(): Slot {
    const process = new FakeProcess(this);
    this.opened.push(process);
    return { process, spool: { fd: -1 } as Slot['spool'] };
  }
}

class FakeProcess implements ScanProcess {
  readonly tool = { name: 'dumpsieve', version: '1', rules: { count: 1, sha256: 'x' } } as const;
  readonly #all: FakeProcesses;
  readonly #closing = new AbortController();

  constructor(all: FakeProcesses) {
    this.#all = all;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async *scan(source: dumpsieve.ChildSource): AsyncGenerator<dumpsieve.ScanEvent, void, void> {
    const name = String(source);
    this.#all.scans.push(name);
    this.#all.mostAtOnce = Math.max(this.#all.mostAtOnce, ++this.#all.running);
    try {
      await BEHAVIOURS[behaviourOf(name)]?.(this.#closing.signal);
    } catch (error) {
      if (this.isClosed) throw ended('scan-child-crashed', 'SIGKILL');
      throw error;
    } finally {
      this.#all.running--;
    }
    yield* reportOf(name);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }
}

/** The events of a scan that found nothing. */
export function* reportOf(name: string, content = name): Generator<dumpsieve.ScanEvent> {
  yield {
    type: 'run',
    schemaVersion: 1,
    tool: { name: 'dumpsieve', version: '1', rules: { count: 1, sha256: 'x' } },
    startedAt: '2026-01-01T00:00:00.000Z',
    options: {},
  };
  yield {
    type: 'artifact',
    path: name,
    format: 'raw',
    size: 100,
    sha256: sha256(content),
    verdict: 'nothing-found',
    coverage: { file: { bytes: 100, unread: [] }, limits: [] },
    warnings: [],
  };
  yield {
    type: 'summary',
    verdict: 'nothing-found',
    complete: true,
    bytesScanned: 100,
    seconds: 0.01,
    artifacts: 1,
    bySeverity: {},
    notCounted: {},
    exit: 0,
    warnings: [],
  };
}

const unreadable = (code: string) => new dumpsieve.DumpsieveError({ code, message: `test: ${code}` }, 2);

/** How opening a dump fails, by its behaviour: the number of attempts that fail, and with which code. */
const OPENING: Readonly<Record<string, [times: number, code: string]>> = {
  forbidden: [Infinity, 'access-denied'],
  flaky: [2, 'object-unreachable'],
  unreachable: [Infinity, 'object-unreachable'],
  replaced: [1, 'object-replaced'],
};

/** Opens dumps of `test:` URIs: the source is the URI. */
export class FakeReading {
  readonly opened: string[] = [];

  readonly openDump: typeof openDump = async ({ uri, version, size }) => {
    this.opened.push(uri);
    const [times, code] = OPENING[behaviourOf(uri)] ?? [0, ''];
    if (this.opened.filter((each) => each === uri).length <= times) throw unreadable(code);
    return {
      source: uri,
      version,
      size,
      ...(behaviourOf(uri) === 'timeout' ? { sha256: sha256(uri) } : {}),
      requireSame: async () => {},
      close: async () => {},
    };
  };
}

/** Jobs in memory, with the counting of crashes that a store does. */
export class FakeSource implements JobSource {
  readonly settled: { uri: string; outcome: Outcome }[] = [];
  readonly givenBack: string[] = [];
  readonly crashes = new Map<string, number>();
  takes: number[] = [];
  touches: (readonly Job[])[] = [];
  readonly #waiting: Job[];
  readonly #held = new Set<Job>();

  constructor(dumps: readonly StoredDump[]) {
    this.#waiting = dumps.map((each) => ({ dump: each, id: String(each.id) }));
  }

  get held(): number {
    return this.#held.size;
  }

  async take(most: number): Promise<readonly Job[]> {
    this.takes.push(most);
    const taken = this.#waiting.splice(0, most);
    for (const job of taken) this.#held.add(job);
    return taken;
  }

  async touch(jobs: readonly Job[]): Promise<void> {
    this.touches.push(jobs);
  }

  async settle(job: Job, outcome: Outcome): Promise<Settled> {
    const { uri } = job.dump;
    this.settled.push({ uri, outcome });
    this.#held.delete(job);
    if (outcome.type === 'replaced') {
      this.#waiting.push(job);
      return { isLast: false, isDead: false };
    }
    if (outcome.type !== 'crashed') return { isLast: true, isDead: false };
    const crashes = (this.crashes.get(uri) ?? 0) + 1;
    this.crashes.set(uri, crashes);
    const isDead = crashes === 3;
    if (!isDead) this.#waiting.push(job);
    return { isLast: isDead, isDead };
  }

  async giveBack(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      this.givenBack.push(job.dump.uri);
      this.#held.delete(job);
      this.#waiting.push(job);
    }
  }

  async isDone(): Promise<boolean> {
    return this.#waiting.length === 0;
  }

  async close(): Promise<void> {}
}

/** A store that knows no copies. */
export const NO_COPIES: AttemptSetting['store'] = {
  hasSize: async () => false,
  isScanned: async () => false,
  claimContent: async () => true,
};
