import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { type Label, parseLabel } from '../listing/label.js';
import { listDumps } from '../listing/list-dumps.js';
import { splitReports } from '../listing/reports.js';
import type { ListCounts } from '../model/dump.js';
import { openStore } from '../store/open.js';
import type { WorkScope } from '../store/store.js';
import { addReports } from './add-reports.js';
import type { AddOptions, AddResult } from './options.js';
import { PendingWork } from './pending-work.js';
import { workOnQueue } from './queued-work.js';
import { relister } from './relist.js';
import { Run, type RunInternals } from './run.js';
import { Scope } from './scope.js';
import { emptyCounts, sumOf, type Tally } from './tally.js';
import { exitOf } from './verdict.js';

/**
 * Lists dumps into a store, and scans those that have no scan. What a killed run has stored is kept.
 * Throws a coded error if the store cannot be used, or for wrong options.
 */
export async function add(options: AddOptions, internals: RunInternals = {}): Promise<AddResult> {
  const labels = (options.labels ?? []).map(parseLabel);
  const run = new Run(await openStore(options.store), options, internals);
  try {
    return await new Addition(run, options, labels).result();
  } finally {
    await run.close();
  }
}

/** One call of {@link add}. */
class Addition {
  readonly #run: Run;
  readonly #options: AddOptions;
  readonly #labels: readonly Label[];
  readonly #scope = new Scope();
  /** Something was refused, or could not be listed. */
  #isIncomplete = false;

  constructor(run: Run, options: AddOptions, labels: readonly Label[]) {
    this.#run = run;
    this.#options = options;
    this.#labels = labels;
  }

  async result(): Promise<AddResult> {
    const { isListOnly = false, rescan = false } = this.#options;
    const { store } = this.#run;
    const { dumps, reports } = await splitReports(this.#options.paths);
    const listed = { added: 0, changed: 0, unchanged: 0, gone: 0 };
    let reported = 0;
    try {
      reported = await addReports(reports, this.#run, this.#labels, this.#scope, this.#notice);
      await this.#list(dumps, listed);
    } catch (error) {
      if (this.#options.signal?.aborted !== true) throw error;
      this.#isIncomplete = true;
    }
    const base = { listed, reported, isDeclined: false };
    if (this.#scope.isEmpty)
      return { ...base, exit: this.#isIncomplete ? 2 : 0, counts: emptyCounts(), pending: 0, otherRules: 0 };

    const isDeclined = rescan && !isListOnly && !(await this.#isAccepted());
    const scope = { rescan: rescan && !isDeclined, prefixes: this.#scope.prefixes };
    const isWork = !isListOnly && !isDeclined && this.#options.signal?.aborted !== true;
    const counts = (await this.#hasWork(scope, isWork)) ? await this.#work(scope, !isWork) : emptyCounts();
    const standing = await store.verdict(await this.#rulesetDigest(), this.#scope.prefixes);
    return {
      ...base,
      isDeclined,
      counts,
      pending: standing.pending,
      otherRules: await this.#otherRules(),
      exit: exitOf({ ...standing, isIncomplete: this.#isIncomplete }),
    };
  }

  readonly #notice = ({ effect, ...notice }: Warning): void => {
    if (effect === 'incomplete') this.#isIncomplete = true;
    this.#run.notices.add(notice);
  };

  async #list(inputs: readonly string[], counts: ListCounts & { gone: number }): Promise<void> {
    const { store, access } = this.#run;
    const { signal } = this.#options;
    if (inputs.length === 0) return;
    const start = new Date().toISOString();
    const whole: string[] = [];
    const listing = listDumps(inputs, {
      access,
      labels: this.#labels,
      ...(signal === undefined ? {} : { signal }),
      onNotice: this.#notice,
      onWhole: (prefix) => whole.push(prefix),
    });
    for await (const dumps of listing) {
      for (const { uri } of dumps) this.#scope.add(uri);
      const { added, changed, unchanged } = await store.list(dumps, start);
      counts.added += added;
      counts.changed += changed;
      counts.unchanged += unchanged;
    }
    for (const prefix of whole) {
      counts.gone += await store.markGone(prefix, start);
      this.#scope.add(prefix);
    }
  }

  /** Asks before content is scanned again, with what it would take by the rate of earlier scans. */
  async #isAccepted(): Promise<boolean> {
    const { onEstimate } = this.#options;
    if (onEstimate === undefined) return true;
    const { store } = this.#run;
    const { ruleset } = await this.#run.rules();
    const scope = { ruleset: ruleset.digest, rescan: true, prefixes: this.#scope.prefixes };
    const { otherRules, otherBytes } = await store.pending(scope);
    if (otherRules === 0) return true;
    const rate = await store.rate();
    return onEstimate({
      dumps: otherRules,
      bytes: otherBytes,
      ...(rate === undefined ? {} : { seconds: otherBytes / rate / this.#run.jobs }),
    });
  }

  /** The rules are known to a process alone, which a mere listing does not open. */
  async #otherRules(): Promise<number> {
    const { store, isOpen } = this.#run;
    const { isListOnly = false, signal } = this.#options;
    if (!isOpen && (isListOnly || signal?.aborted)) return 0;
    const { ruleset } = await this.#run.rules();
    const scope = { ruleset: ruleset.digest, rescan: false, prefixes: this.#scope.prefixes };
    return (await store.pending(scope)).otherRules;
  }

  /** Without work no process was opened that would know its rules. */
  async #rulesetDigest(): Promise<string> {
    return this.#run.isOpen ? (await this.#run.rules()).ruleset.digest : '';
  }

  /** A process that would know its rules takes half a second: none is opened for nothing. */
  async #hasWork(scope: Omit<WorkScope, 'ruleset'>, isWork: boolean): Promise<boolean> {
    const { store } = this.#run;
    if (!isWork && store.kind !== 'postgres') return false;
    return scope.rescan || (await store.pending({ ...scope, ruleset: '' })).dumps > 0;
  }

  async #work(scope: Omit<WorkScope, 'ruleset'>, isListOnly: boolean) {
    const run = this.#run;
    const { ruleset } = await run.rules();
    const inDumps: WorkScope = { ...scope, ruleset: ruleset.digest };
    const tallies: (Tally | undefined)[] = [];
    const [here, elsewhere] =
      run.store.kind === 'postgres'
        ? [this.#scope.local(), this.#scope.remote()]
        : [scope.prefixes, [] as readonly string[]];
    if (here.length > 0 && !isListOnly) tallies.push(await this.#scan({ ...inDumps, prefixes: here }));
    if (elsewhere.length > 0)
      tallies.push(
        await workOnQueue(run, {
          labels: this.#labels,
          scope: { ...inDumps, prefixes: elsewhere },
          until: isListOnly ? 'queued' : 'all-done',
        }),
      );
    return sumOf(tallies.flatMap((tally) => tally?.counts ?? []));
  }

  async #scan(scope: WorkScope): Promise<Tally> {
    const run = this.#run;
    const pending = await run.store.pending(scope);
    const total = {
      dumps: pending.dumps + (scope.rescan ? pending.otherRules : 0),
      bytes: pending.bytes + (scope.rescan ? pending.otherBytes : 0),
    };
    const source = new PendingWork({
      store: run.store,
      scope,
      worker: run.worker,
      heartbeat: run.heartbeat,
      relist: relister(run, this.#labels),
    });
    return run.supervise(source, total);
  }
}
