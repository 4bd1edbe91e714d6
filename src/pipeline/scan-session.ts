import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { asset } from '../base/runtime/assets.js';
import { milliseconds } from '../base/runtime/clock.js';
import { DumpsieveError, type Notice } from '../base/runtime/errors.js';
import { noticeOf, type Warning } from '../base/runtime/warnings.js';
import { displayName } from '../base/text/escape.js';
import { CopyTargets } from '../copies/copy-targets.js';
import { Find } from '../find/find.js';
import type { ArtifactReport, Finding, RunFacts, Summary } from '../model/report.js';
import { Tally } from '../model/tally.js';
import type { ScanOptions, ScanProgress } from '../options/scan-options.js';
import { Stopwatch } from '../options/stopwatch.js';
import {
  type Cause,
  causeOfWarning,
  causesOfArtifact,
  isComplete,
  outcomeOf,
  verdictOf,
} from '../policy/exit.js';
import { Fold } from '../policy/fold.js';
import { KnownSecrets } from '../policy/suppression.js';
import { Masker } from '../report/mask.js';
import { maskSpans } from '../rulebook/mask-spans.js';
import { openMaskingBook, openRulebook, type Rulebook } from '../rulebook/rulebook.js';
import { SweepPool } from '../sweep/pool.js';
import { settlePrestart } from '../sweep/worker-prestart.js';
import { type BareKeyRules, bareKeyRules } from './bare-key-rules.js';
import type { UnjudgedReport } from './ledger.js';
import { warnings } from './warnings.js';

/** Everything that lives as long as a scan: rules, threads, findings so far, and what speaks for an exit status. */
export class ScanSession {
  readonly options: ScanOptions;
  readonly book: Rulebook;
  readonly pool: SweepPool;
  readonly fold: Fold;
  readonly gate: KnownSecrets;
  /** What is asked for, if anything. */
  readonly find: Find | undefined;
  readonly keys = new CopyTargets();
  readonly masker: Masker;
  readonly tally = new Tally();
  readonly watch: Stopwatch;
  readonly notices: Notice[] = [];
  readonly #causes = new Set<Exclude<Cause, 'misuse'>>();
  readonly #started = milliseconds();
  readonly #progress: ScanProgress = { bytes: 0, total: 0, findings: 0 };
  #artifacts = 0;
  #bytesScanned = 0;
  /** Keys that were known when the first artifact ended. */
  #fewestKeys = Number.POSITIVE_INFINITY;

  private constructor(
    options: ScanOptions,
    {
      book,
      masking,
      gate,
      find,
    }: { book: Rulebook; masking: Rulebook; gate: KnownSecrets; find: Find | undefined },
    watch: Stopwatch,
  ) {
    this.options = options;
    this.book = book;
    this.gate = gate;
    this.find = find;
    this.watch = watch;
    this.pool = new SweepPool(options.jobs ?? availableParallelism());
    // One kernel for masks and the sweep, where both have one net.
    const fused = masking === book && this.numberRules !== undefined;
    this.masker = new Masker((text) => maskSpans(text, masking, fused));
    this.fold = new Fold({
      counts: {
        failOn: options.failOn ?? 'high',
        failOnKind: options.failOnKind ?? [],
        minConfidence: options.minConfidence ?? 'medium',
        onlyAsked: options.expectAbsent ?? false,
      },
      ...(find ? { asked: (id, judged) => find.counts(id, judged) } : {}),
      ...(gate.suppression ? { suppression: gate.suppression } : {}),
    });
    if (find === undefined) return;
    find.hide(this.masker);
    for (const notice of find.notices) this.notice(notice);
    for (const key of find.ringKeys(this.fold)) this.keys.add(key);
  }

  static async open(options: ScanOptions): Promise<ScanSession> {
    if (options.spoolDir !== undefined) requireFolder(options.spoolDir);
    const watch = new Stopwatch();
    const parts = await watch.wait('start', async () => {
      const book = await openRulebook(options);
      const masking = await openMaskingBook(options, book);
      return { book, masking, gate: await KnownSecrets.open(options), find: await Find.open(options) };
    });
    // Whatever is masked or swept from here on chooses a kernel, which changes the engine's settings.
    await settlePrestart();
    return new ScanSession(options, parts, watch);
  }

  /** The rules of keys without a marker that are in use; undefined where nothing of the kind is looked for. */
  get numberRules(): BareKeyRules | undefined {
    if (this.options.entropyNet === false) return undefined;
    return bareKeyRules(this.book.rules.rules);
  }

  /** The first event. */
  facts(): RunFacts {
    const { version } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as { version: string };
    const { rules } = this.book;
    const {
      signal: _signal,
      onProgress: _onProgress,
      onTimings: _onTimings,
      stdin: _stdin,
      ...options
    } = this.options;
    const paths = options.paths.map((path) => (typeof path === 'string' ? path : displayName(path)));
    return {
      schemaVersion: 1,
      tool: { name: 'dumpsieve', version, rules: { count: rules.rules.length, sha256: rules.sha256 } },
      startedAt: new Date().toISOString(),
      options: { ...options, paths },
    };
  }

  /** A file is about to be read. */
  expect(bytes: number): void {
    this.#progress.total += bytes;
    this.advance(0);
  }

  advance(bytes: number): void {
    this.#progress.bytes += bytes;
    this.#progress.findings = this.fold.size;
    this.options.onProgress?.({ ...this.#progress });
  }

  notice(warning: Warning & { path?: string }): void {
    const { path: _path, ...shown } = warning;
    this.notices.push(noticeOf(shown));
    const cause = causeOfWarning(warning);
    if (cause !== undefined && cause !== 'misuse') this.#causes.add(cause);
  }

  abort(reason: string): void {
    if (this.#causes.has('aborted')) return;
    this.#causes.add('aborted');
    this.notice(
      warnings.of('stopped', {
        message: `${reason}: what had not been read by then was not scanned`,
        hint: 'scan again; keep the dumps where they are until then',
      }),
    );
  }

  /** Completes an artifact's report with its verdict. */
  conclude(report: UnjudgedReport, index: number, swept: number): ArtifactReport {
    const counts = this.fold.countsIn(index);
    const causes = causesOfArtifact({ ...report, counts });
    this.find?.concluded(index, isComplete(causes, { exitZero: false, strict: true }));
    for (const cause of causes) if (cause !== 'misuse') this.#causes.add(cause);
    this.#artifacts++;
    this.#fewestKeys = Math.min(this.#fewestKeys, this.keys.size);
    this.#bytesScanned += swept;
    const { path, format, size, warnings, ...rest } = report;
    const verdict = verdictOf(causes, this.#exitOptions);
    return { path, format, size, verdict, ...rest, warnings: warnings.map(noticeOf) };
  }

  /** The report of a file that was not opened. */
  leave(report: Omit<ArtifactReport, 'verdict'>, index: number): ArtifactReport {
    this.fold.register(index, { path: report.path });
    this.find?.concluded(index, false);
    this.#causes.add('unread');
    this.#artifacts++;
    const { path, format, size, ...rest } = report;
    return { path, format, size, verdict: 'incomplete', ...rest };
  }

  /** A finding goes into the report. */
  report(finding: Finding): Finding {
    this.tally.add(finding);
    this.gate.see(finding);
    return finding;
  }

  /** The last event; the next baseline is written before it, so that its warnings stand in it. */
  summary(): Summary {
    if (this.#fewestKeys < this.keys.size) {
      this.notice(
        warnings.of('copies-not-searched', {
          message:
            'keys found late in this run were not searched for copies in the files that had ended by then',
          hint: 'scan again with fewer files at a time',
        }),
      );
    }
    for (const warning of this.gate.settle(this.#saw(), (text) => this.masker.mask(text)))
      this.notice(warning);
    return {
      ...outcomeOf(this.#causes, this.#exitOptions),
      bytesScanned: this.#bytesScanned,
      seconds: Math.round(milliseconds() - this.#started) / 1000,
      artifacts: this.#artifacts,
      bySeverity: this.tally.bySeverity,
      notCounted: this.tally.notCounted,
      warnings: this.notices,
    };
  }

  #saw(): 'all' | 'some' | 'aborted' {
    if (this.#causes.has('aborted')) return 'aborted';
    const whole = isComplete(this.#causes, { exitZero: false, strict: false });
    return whole && this.#artifacts > 0 ? 'all' : 'some';
  }

  async close(): Promise<void> {
    this.options.onTimings?.(this.watch.timings());
    await this.pool.close();
  }

  get #exitOptions() {
    const { exitZero = false, strict = false, expectAbsent = false } = this.options;
    return { exitZero, strict: strict || expectAbsent };
  }
}

/** Asked before the first byte is read: a spool that cannot be opened would end the scan in its middle. */
function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new DumpsieveError({
    code: 'bad-spool-dir',
    message: `the spool folder ${folder} is no folder`,
    hint: 'name a folder that exists and can be written, on a disk with room for what is unpacked',
  });
}
