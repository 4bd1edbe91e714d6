import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { finishInTurns } from '../core/base/runtime/turns.js';
import type { ScanEvent } from '../core/model/report.js';
import type { ScanOptions } from '../core/options/check-options.js';
import { Stopwatch } from '../core/options/stopwatch.js';
import { DEFAULTS } from '../core/options/table.js';
import type { Masker } from '../known/mask/mask.js';
import { sanitize } from '../known/mask/sanitize.js';
import { deferred } from '../report/deferred-events.js';
import type { DecodableContent } from '../source/decodable-content.js';
import { processSource } from '../source/process/process-source.js';
import { Sources, type Tuning } from '../source/sources.js';
import type { OpenedSource, SourceEvent, SourceOptions } from '../source/types.js';
import { ByteProgress } from './byte-progress.js';
import { Conclusion } from './conclusion.js';
import { type FindingInternals, Findings } from './findings.js';
import { type UnjudgedReport, warnings } from './ledger.js';
import { type Opened, requireOpen } from './opened.js';
import { runFacts } from './run-facts.js';
import { SourceScan, type SourceSetup } from './source-scan.js';
import { stopReason } from './stop-reason.js';
import { unopenedFiles } from './unopened-files.js';

/** What is scanned: by default what the paths of the options name. */
export type ReportSources = Pick<Sources, 'open' | 'left'>;

/** For redaction and tests: other sources, further sinks, narrower limits. */
export interface ReportInternals extends FindingInternals, Tuning {
  sources?: ReportSources;
  /** Called with the report of each artifact, before limits are accepted. */
  onReport?: (report: UnjudgedReport) => void;
}

/**
 * One report of many sources: what was found in all of them, masked by the secrets of all, with one summary.
 * It is read once. The secrets of its sources are overwritten when it ends.
 */
export class Report {
  readonly #options: ScanOptions;
  readonly #opened: Opened;
  readonly #findings: Findings;
  readonly #conclusion: Conclusion;
  readonly #stopwatch: Stopwatch;
  readonly #setup: SourceSetup;
  readonly #sources: ReportSources;
  readonly #artifacts = new OpenArtifacts();
  /** An artifact whose conclusion threw. */
  #failedScan: SourceScan | undefined;

  constructor(
    options: ScanOptions,
    opened: Opened,
    internals: ReportInternals = {},
    stopwatch: Stopwatch = new Stopwatch(),
  ) {
    this.#options = options;
    this.#opened = opened;
    this.#stopwatch = stopwatch;
    this.#findings = new Findings(opened, internals);
    this.#conclusion = new Conclusion(options, opened, this.#findings, internals.onReport);
    this.#sources = internals.sources ?? sourcesOf(options, opened, internals);
    const { folded } = this.#findings;
    const { signal, onProgress } = options;
    const progress = new ByteProgress(() => folded.size, onProgress);
    this.#setup = { opened, findings: this.#findings, progress, stopwatch, signal };
  }

  /**
   * The events, all text masked and escaped; those before the findings wait until all sources are swept.
   * `survives`: an error of a source is a warning of the summary.
   */
  async *events(survives = false): AsyncGenerator<ScanEvent, void, void> {
    const { masker } = this.#findings;
    try {
      await finishInTurns(this.#findings.begin());
      for await (const event of deferred(this.#unmasked(survives))) {
        // Also closed while the last event was read: the next source would be masked by overwritten secrets.
        requireOpen(this.#opened);
        yield sanitize(event, masker);
        requireOpen(this.#opened);
      }
    } catch (error) {
      requireOpen(this.#opened);
      throw masked(error, masker);
    } finally {
      this.#options.onTimings?.(this.#stopwatch.timings());
      this.#findings.wipe();
    }
  }

  async *#unmasked(survives: boolean): AsyncGenerator<ScanEvent> {
    yield { type: 'run', ...runFacts(this.#options, this.#opened) };
    const conclusion = this.#conclusion;
    const { signal } = this.#options;
    try {
      yield* this.#sweepAll(this.#sources.open());
      await this.#searchCopies();
      for (const each of this.#artifacts.rest()) yield await this.#conclude(each, true);
    } catch (error) {
      if (signal?.aborted) {
        conclusion.outcome.abort(stopReason(signal));
        if (this.#failedScan) yield* this.#unsearched([this.#failedScan], stopReason(signal));
        for (const each of this.#artifacts.rest()) yield await this.#conclude(each);
        for await (const artifact of unopenedFiles(this.#sources, conclusion, this.#artifacts.count))
          yield { type: 'artifact', ...artifact };
      } else if (survives) yield* this.#failed(error);
      else throw error;
    } finally {
      this.#artifacts.close();
    }
    for await (const finding of conclusion.findings()) yield { type: 'finding', ...finding };
    for (const answer of conclusion.answers()) yield { type: 'find', ...answer };
    yield { type: 'summary', ...conclusion.summary() };
  }

  /** First sweep: every byte of every source. Artifacts stay open for the search for copies, up to a cap. */
  async *#sweepAll(sources: AsyncIterable<SourceEvent>): AsyncGenerator<ScanEvent> {
    for await (const source of sources) {
      if (source.type === 'notice') this.#conclusion.outcome.warn(source.notice);
      else yield* this.#sweep(source);
    }
  }

  /** Sweeps a source, then what is inside. */
  async *#sweep({ artifact, content, ...source }: OpenedSource): AsyncGenerator<ScanEvent> {
    const open = this.#artifacts;
    const scan = artifact && open.add(new SourceScan(artifact, open.count, this.#setup));
    try {
      try {
        if (content !== undefined) await this.#sweepContent(content, scan);
      } finally {
        // Also after an abort: the report then lists what was not read.
        await scan?.scan();
      }
      for (const oldest of scan ? open.overflow() : []) yield await this.#conclude(oldest);
      yield* this.#sweepAll(source.inside());
    } finally {
      source.close();
    }
  }

  /**
   * Sweeps content while it is decoded, if that is possible. The rest of its container is swept after that;
   * the bytes of an archive were before.
   */
  async #sweepContent(content: DecodableContent, container: SourceScan | undefined): Promise<void> {
    const { sweepStream } = await import('./stream-sweep.js');
    const decoded = await sweepStream(content, this.#setup, container?.sweepBesideContent());
    if (decoded === undefined) return;
    const open = this.#artifacts;
    await open.add(new SourceScan(decoded.artifact, open.count, this.#setup, decoded)).scan();
  }

  /**
   * Second sweep of all that are open, before the first verdict: the public half of a key may be in a later
   * artifact. What it throws is thrown again when the artifact is concluded.
   */
  async #searchCopies(): Promise<void> {
    const open = [...this.#artifacts.all()];
    if (open.length > 1)
      for (const scan of open) await this.#search(scan, scan === open.at(-1)).catch(() => undefined);
  }

  async #search(scan: SourceScan, isLast: boolean): Promise<string | undefined> {
    if (this.#findings.copyTargets.size === 0) return undefined;
    return this.#stopwatch.wait('copies', () => scan.searchCopies(isLast));
  }

  /**
   * Second sweep, for copies of the keys known by now, unless it was made; then closes the artifact. If it
   * throws, the artifact is the first of those without a report. `isLast`: all others were searched.
   */
  async #conclude(scan: SourceScan, isLast = false): Promise<ScanEvent> {
    try {
      const stopped = await this.#search(scan, isLast);
      if (stopped !== undefined) this.#conclusion.outcome.abort(stopped);
      return {
        type: 'artifact',
        ...(await this.#conclusion.artifact(await scan.report(), scan.index, scan)),
      };
    } catch (error) {
      this.#failedScan = scan;
      throw error;
    } finally {
      scan.close();
    }
  }

  /** After an error: artifacts that were not concluded are reported as unread. */
  async *#failed(error: unknown): AsyncGenerator<ScanEvent> {
    const reason = error instanceof DumpsieveError ? error.message : 'an internal error';
    const hint =
      error instanceof DumpsieveError ? error.hint : 'scan the file with the command, which prints it';
    this.#conclusion.outcome.warn(
      warnings.of('source-failed', {
        message: `the scan ended early: ${reason}`,
        ...definedFields({ hint }),
      }),
    );
    yield* this.#unsearched(this.#failedScan ? [this.#failedScan] : [], reason);
    yield* this.#unsearched(this.#artifacts.rest(), reason);
  }

  *#unsearched(scans: Iterable<SourceScan>, reason: string): Generator<ScanEvent> {
    for (const each of scans) {
      each.close();
      const unsearched = each.unsearched(`not searched: ${reason}`);
      yield { type: 'artifact', ...this.#conclusion.unopened(unsearched, each.index) };
    }
  }
}

/** An error whose texts show nothing that is masked. */
export const masked = (error: unknown, masker: Masker): unknown =>
  error instanceof DumpsieveError ? error.withTexts((text) => masker.mask(text)) : error;

function sourcesOf(options: ScanOptions, opened: Opened, tuning: Tuning): Sources {
  const { paths, pid } = options;
  const process = pid === undefined ? [] : [processSource(pid)];
  return new Sources([...paths, ...process], sourceOptionsOf(options, opened), tuning);
}

/** The options of a scan that are those of its sources. */
export function sourceOptionsOf(
  { follow = false, ifNoFiles = DEFAULTS.ifNoFiles, ...more }: ScanOptions,
  { archivePassword: password }: Pick<Opened, 'archivePassword'>,
): SourceOptions {
  const { include, exclude, spoolDir, stdin, signal } = more;
  const globs = { include, exclude };
  return definedFields({ follow, ifNoFiles, ...globs, password, spoolDir, stdin, signal });
}

/** Caps on what stays open: file descriptors, and bytes of spools. */
const MOST = { files: 256, spooled: 2 ** 32 };

/** An artifact that is open, and the bytes that are counted for it: none until it was swept. */
interface Open {
  scan: SourceScan;
  spooled?: number;
}

/**
 * Artifacts that were swept and stay open until the keys of all artifacts are known, for the search for
 * copies. Beyond the caps the oldest is concluded first.
 */
class OpenArtifacts {
  readonly #open: Open[] = [];
  #spooled = 0;
  /** Artifacts so far: the index of the next. */
  count = 0;

  add(scan: SourceScan): SourceScan {
    this.#open.push({ scan });
    this.count++;
    return scan;
  }

  /** Removes and yields those beyond the caps, oldest first. To be called when those added were swept. */
  *overflow(): Generator<SourceScan> {
    this.#measure();
    while (this.#open.length > MOST.files || this.#spooled > MOST.spooled) yield this.#takeOldest();
  }

  /** All that are open, oldest first. */
  *all(): Generator<SourceScan> {
    for (const { scan } of this.#open) yield scan;
  }

  /** Removes and yields all that are left, oldest first. */
  *rest(): Generator<SourceScan> {
    while (this.#open.length > 0) yield this.#takeOldest();
  }

  close(): void {
    for (const scan of this.rest()) scan.close();
  }

  /** Counts the bytes of those added since the last time: what an artifact keeps does not change later. */
  #measure(): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const open = this.#open[i]!;
      if (open.spooled !== undefined) return;
      open.spooled = open.scan.spooled;
      this.#spooled += open.spooled;
    }
  }

  #takeOldest(): SourceScan {
    const { scan, spooled = 0 } = this.#open.shift()!;
    this.#spooled -= spooled;
    return scan;
  }
}
