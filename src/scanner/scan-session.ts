import { readFileSync, statSync } from 'node:fs';
import type { Secret } from '../base/crypto/secret.js';
import { asset } from '../base/runtime/assets.js';
import { milliseconds } from '../base/runtime/clock.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { EFFECT_IF_NO_FILES, noticeOf } from '../base/runtime/warnings.js';
import { displayName } from '../base/text/escape.js';
import type { ExamineObserver } from '../detect/observer.js';
import { Find } from '../find/find.js';
import { type FindTarget, secretsOf } from '../find/find-targets.js';
import { type FindingSink, SinkList } from '../judge/finding-sink.js';
import { CopyTargets } from '../known/copy-targets.js';
import { acceptedLimits } from '../limits/limit-names.js';
import { Masker } from '../mask/mask.js';
import type { EffortLevel } from '../model/effort.js';
import type { ArtifactReport, Coverage, Finding, FindReport, RunFacts, Summary } from '../model/report.js';
import { Tally } from '../model/tally.js';
import { effortOf } from '../options/check-options.js';
import type { ScanOptions, ScanProgress } from '../options/scan-options.js';
import { Stopwatch } from '../options/stopwatch.js';
import { DEFAULTS } from '../options/table.js';
import { Fold, type FoldCaps } from '../policy/fold.js';
import type { FoldedFindings } from '../policy/folded-findings.js';
import { KnownSecrets } from '../policy/known-secrets.js';
import { judgedLimits } from '../policy/limits.js';
import { explained } from '../report/limit-sentences.js';
import { maskSpans } from '../rulebook/mask-spans.js';
import { openMaskingBook, openRulebook, type Rulebook } from '../rulebook/rulebook.js';
import { SweepPool } from '../sweep/pool.js';
import { settlePrestart } from '../sweep/worker-prestart.js';
import { readArchivePassword } from './archive-password.js';
import { type BareKeyRules, bareKeyRules } from './bare-key-rules.js';
import type { UnjudgedReport } from './ledger.js';
import { maskSecret } from './mask-secrets.js';
import { Outcome } from './outcome.js';
import { stopReason } from './stop-reason.js';
import { warnings } from './warnings.js';

/** Extra sinks and caps, for tests and for the check of rules. */
export interface SessionInternals {
  /** Counts and times what each rule costs. */
  observer?: ExamineObserver;
  /** All hits of literals and all values are examined, also those that a filter would drop. */
  everyHit?: boolean;
  /** Further sinks of all that is judged. */
  sinks?: readonly FindingSink[];
  foldCaps?: FoldCaps;
  /** Secrets to search for, besides those of the option `find`. */
  targets?: readonly FindTarget[];
  /** A value that a sink wants copies of, by its identity: searched for in the same scan. */
  copiedValue?: ((id: string) => Secret | undefined) | undefined;
  /** Called with the report of each artifact, before limits are accepted. */
  onReport?: (report: UnjudgedReport) => void;
}

/** Bytes of an artifact. */
interface SweptBytes {
  swept: number;
  /** Those in which something could be found. */
  searched: number;
}

interface Parts {
  book: Rulebook;
  maskingBook: Rulebook;
  knownSecrets: KnownSecrets;
  find: Find | undefined;
  archivePassword: Secret | undefined;
  /** Names of limits. */
  accepted: ReadonlySet<string>;
}

/** What lives as long as a scan: rules, threads, findings so far, and the causes of its exit status. */
export class ScanSession {
  readonly options: ScanOptions;
  readonly effort: EffortLevel;
  readonly book: Rulebook;
  readonly pool: SweepPool;
  readonly sink: FindingSink;
  readonly folded: FoldedFindings;
  readonly copiedValue: SessionInternals['copiedValue'];
  /** The targets of `--find`, if any. */
  readonly find: Find | undefined;
  /** Of encrypted members of archives. */
  readonly archivePassword: Secret | undefined;
  readonly copyTargets = new CopyTargets();
  readonly masker: Masker;
  readonly outcome: Outcome;
  readonly stopwatch: Stopwatch;
  readonly observer: ExamineObserver | undefined;
  /** Undefined if the search for keys without a marker is off. */
  readonly bareKeyRules: BareKeyRules | undefined;
  readonly #onReport: SessionInternals['onReport'];
  readonly #knownSecrets: KnownSecrets;
  readonly #acceptedLimits: ReadonlySet<string>;
  readonly #tally = new Tally();
  readonly #started = milliseconds();
  readonly #progress: ScanProgress = { bytes: 0, total: 0, findings: 0 };
  #artifacts = 0;
  #bytesScanned = 0;
  #bytesSearched = 0;
  /** Copy targets when the first artifact was concluded: later ones were not searched for in it. */
  #targetsAtFirstConclude = Number.POSITIVE_INFINITY;

  private constructor(
    options: ScanOptions,
    { book, maskingBook, knownSecrets, find, archivePassword, accepted }: Parts,
    { sinks = [], foldCaps = {}, observer, onReport, copiedValue }: SessionInternals,
    stopwatch: Stopwatch,
  ) {
    this.options = options;
    this.effort = effortOf(options);
    this.book = book;
    this.observer = observer;
    this.bareKeyRules = options.entropyNet === false ? undefined : bareKeyRules(book.rules.rules);
    this.#onReport = onReport;
    this.copiedValue = copiedValue;
    this.find = find;
    this.archivePassword = archivePassword;
    this.#knownSecrets = knownSecrets;
    this.stopwatch = stopwatch;
    this.pool = new SweepPool(options.jobs ?? DEFAULTS.jobs);
    // Share one kernel instance when masking and sweep use the same net.
    const fused = maskingBook === book && this.bareKeyRules !== undefined;
    this.masker = new Masker((text) => maskSpans(text, maskingBook, fused));
    const { exitZero = false, strict = false, expectAbsent = false } = options;
    this.outcome = new Outcome({ exitZero, strict, expectAbsent });
    this.#acceptedLimits = accepted;
    const fold = new Fold({
      ...foldCaps,
      counts: {
        failOn: options.failOn ?? DEFAULTS.failOn,
        failOnKind: options.failOnKind ?? [],
        minConfidence: options.minConfidence ?? DEFAULTS.minConfidence,
        onlyTargets: expectAbsent,
      },
      ...(find ? { isTarget: (id, judged) => find.isTarget(id, judged) } : {}),
      ...(knownSecrets.suppression ? { suppression: knownSecrets.suppression } : {}),
    });
    for (const each of secretsOf(knownSecrets.allowed, maskingBook)) maskSecret(this.masker, each, 'allowed');
    for (const each of find?.secrets() ?? []) maskSecret(this.masker, each, 'asked-for');
    if (archivePassword !== undefined)
      maskSecret(this.masker, { value: archivePassword }, 'archive-password');
    this.folded = fold;
    this.sink = new SinkList([fold, ...sinks]);
    if (find === undefined) return;
    for (const notice of find.notices) this.outcome.warn(notice);
    for (const target of find.copyTargets(this.folded, this.sink)) this.copyTargets.add(target);
  }

  static async open(options: ScanOptions, internals: SessionInternals = {}): Promise<ScanSession> {
    if (options.spoolDir !== undefined) requireFolder(options.spoolDir);
    const accepted = acceptedLimits(options.acceptLimits);
    const stopwatch = new Stopwatch();
    const parts = await stopwatch.wait('start', async () => {
      const opened = await openRulebook(options);
      const book = internals.everyHit ? { ...opened, net: { ...opened.net, unfiltered: true } } : opened;
      const maskingBook = await openMaskingBook(options, book);
      const knownSecrets = await KnownSecrets.open(options);
      const find = await Find.open(options, internals.targets);
      const archivePassword = readArchivePassword(options.archivePasswordFile);
      return { book, maskingBook, knownSecrets, find, archivePassword, accepted };
    });
    // Masking and sweeping choose a kernel, which changes V8's settings: no worker may be starting then.
    await settlePrestart();
    return new ScanSession(options, parts, internals, stopwatch);
  }

  /** Body of the first event. */
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

  /** Adds the bytes of a file to the total of the progress. */
  addTotalBytes(bytes: number): void {
    this.#progress.total += bytes;
    this.advance(0);
  }

  advance(bytes: number): void {
    this.#progress.bytes += bytes;
    this.#progress.findings = this.folded.size;
    this.options.onProgress?.({ ...this.#progress });
  }

  /** Completes an artifact's report with its verdict. */
  conclude(unjudged: UnjudgedReport, index: number, { swept, searched }: SweptBytes): ArtifactReport {
    this.#onReport?.(unjudged);
    const report = { ...unjudged, coverage: this.#judged(unjudged.coverage) };
    const { verdict, answered } = this.outcome.artifact(report, this.folded.countsIn(index));
    // Nothing searched is no pass: an empty file may be a dump that was not written.
    this.find?.concluded(index, answered && report.size > 0);
    this.#artifacts++;
    this.#targetsAtFirstConclude = Math.min(this.#targetsAtFirstConclude, this.copyTargets.size);
    this.#bytesScanned += swept;
    this.#bytesSearched += searched;
    const { path, format, size, warnings, ...rest } = report;
    return { path, format, size, verdict, ...rest, warnings: warnings.map(noticeOf) };
  }

  #judged(coverage: Coverage): Coverage {
    const policy = { accepted: this.#acceptedLimits, hasTargets: this.find !== undefined };
    const limits = judgedLimits(coverage.limits, policy);
    const { signal } = this.options;
    const stopped = signal?.aborted ? stopReason(signal) : undefined;
    return { ...coverage, limits: limits.map((limit) => explained(limit, this.effort, stopped)) };
  }

  /** Completes the report of a file that was not opened. */
  concludeUnopened(report: Omit<ArtifactReport, 'verdict'>, index: number): ArtifactReport {
    this.sink.artifact(index, { path: report.path });
    this.find?.concluded(index, false);
    this.outcome.unopened();
    this.#artifacts++;
    const { path, format, size, ...rest } = report;
    return { path, format, size, verdict: 'incomplete', ...rest };
  }

  /** All findings, when every artifact was concluded. */
  async *reportFindings(): AsyncGenerator<Finding> {
    await this.folded.computeFingerprints();
    for (const finding of this.folded.findings()) {
      this.#tally.add(finding);
      this.#knownSecrets.add(finding);
      yield finding;
    }
  }

  /** One answer for each target of `--find`. */
  answers(): Iterable<FindReport> {
    return this.find?.answers(this.folded) ?? [];
  }

  /** Body of the last event. Writes the next baseline first: its warnings are part of the summary. */
  finish(): Summary {
    if (this.#targetsAtFirstConclude < this.copyTargets.size) {
      const message =
        'copies of keys found late in the scan were not searched for in the files already finished';
      const hint = 'scan again with fewer files at a time';
      this.outcome.warn(warnings.of('copies-not-searched', { message, hint }));
    }
    this.#requireBytes();
    const mask = (text: string): string => this.masker.mask(text);
    for (const warning of this.#knownSecrets.writeBaseline(this.#baselineCoverage(), mask))
      this.outcome.warn(warning);
    return {
      ...this.outcome.summary(),
      bytesScanned: this.#bytesScanned,
      seconds: Math.round(milliseconds() - this.#started) / 1000,
      artifacts: this.#artifacts,
      bySeverity: this.#tally.bySeverity,
      notCounted: this.#tally.notCounted,
      warnings: this.outcome.notices,
    };
  }

  /** Nothing searched is no pass. */
  #requireBytes(): void {
    if (this.#bytesSearched > 0 || this.outcome.aborted) return;
    const { find = [], strict = false, expectAbsent = false, ifNoFiles = DEFAULTS.ifNoFiles } = this.options;
    const required = find.length > 0 || strict || expectAbsent;
    const effect = required ? 'incomplete' : EFFECT_IF_NO_FILES[ifNoFiles];
    if (effect === undefined) return;
    const message = 'no byte was searched';
    const hint = 'check that the dump was written, and the paths and patterns';
    this.outcome.warn({ ...warnings.of('nothing-searched', { message, hint }), effect });
  }

  #baselineCoverage(): 'all' | 'some' | 'aborted' {
    if (this.outcome.aborted) return 'aborted';
    return this.outcome.complete && this.#bytesSearched > 0 ? 'all' : 'some';
  }

  async close(): Promise<void> {
    this.options.onTimings?.(this.stopwatch.timings());
    await this.pool.close();
    this.copyTargets.wipe();
  }
}

/** Checked before the first byte is read: an error from the spool would end the scan midway. */
function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new DumpsieveError({
    code: 'bad-spool-dir',
    message: `the spool folder ${folder} is not a directory`,
    hint: 'name a writable folder on a disk with room for the unpacked content',
  });
}
