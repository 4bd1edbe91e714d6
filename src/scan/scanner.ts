import { holdSecrets, useSecrets } from '../core/base/crypto/secret-memory.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { finish } from '../core/base/runtime/turns.js';
import type { ScanEvent } from '../core/model/report.js';
import {
  checkEachOptions,
  checkScannerOptions,
  type ScannerOptions,
  type ScanOptions,
} from '../core/options/check-options.js';
import { Stopwatch } from '../core/options/stopwatch.js';
import { Sources } from '../source/sources.js';
import type { SourceInput } from '../source/types.js';
import { Findings } from './findings.js';
import { type Opened, openOnce, requireOpen, type ScannerInternals } from './opened.js';
import { masked, Report, type ReportInternals, type ReportSources, sourceOptionsOf } from './report.js';

/** Options of one report; the others are those of its scanner. */
export type ReportRequest = Pick<ScanOptions, 'paths'> & Partial<ScanOptions>;

/** Options of one scan by a scanner. */
export type EachOptions = Pick<ScanOptions, 'signal' | 'onProgress'>;

/**
 * A scanner is opened once, with rules, threads, known secrets and the targets of the option `find`, and
 * scans many sources. It keeps nothing of a source: a report is masked by the rules, the secrets of that
 * source and those of the options, so that a later source masks no earlier one.
 */
export class Scanner {
  readonly #opened: Opened;
  readonly #release: () => void;
  #reports = 0;
  #isBusy = false;

  private constructor(opened: Opened, release: () => void) {
    this.#opened = opened;
    this.#release = release;
  }

  /** Throws a {@link DumpsieveError} for wrong options, and for files that cannot be read. */
  static async open(options: ScannerOptions = {}): Promise<Scanner> {
    checkScannerOptions(options);
    return Scanner.within(options);
  }

  /** {@link open} for the other roots, whose options are checked. */
  static async within(
    options: ScannerOptions & Pick<ScanOptions, 'writeBaseline'>,
    internals: ScannerInternals = {},
    stopwatch: Stopwatch = new Stopwatch(),
  ): Promise<Scanner> {
    const { value, release } = await holdSecrets(() => openOnce(options, internals, stopwatch));
    return new Scanner(value, release);
  }

  /**
   * Scans a source and yields the events of its report, as `scan` yields them for one path: `run`,
   * `artifact`, `finding`, `find`, `summary`. A folder or a glob has a report for each file, when the file is
   * concluded; what is wrong with a folder itself is a report without artifacts.
   *
   * A source that fails ends with a summary that is not complete and names the error (`source-failed`); the
   * sources after it are scanned. An aborted signal gives a partial report, and one that lists the files not
   * opened. If there is no source at all, there is one report without artifacts. Throws `scanner-busy` while
   * another scan is not read to its end, and `scanner-closed`, also once it is closed meanwhile.
   */
  async *scan(input: SourceInput, each: EachOptions = {}): AsyncGenerator<ScanEvent, void, void> {
    checkEachOptions(each);
    this.#begin();
    try {
      yield* this.#each(input, definedFields(each));
    } catch (error) {
      throw this.#masked(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** The reports of all sources of an input. */
  async *#each(input: SourceInput, options: EachOptions): AsyncGenerator<ScanEvent, void, void> {
    const all = { paths: [], ...this.#opened.options, ...options };
    const sources = new Sources([input], sourceOptionsOf(all, this.#opened));
    const whole = { ...options, paths: [pathOf(input)] };
    let reports = 0;
    try {
      for await (const source of sources.each()) {
        reports++;
        yield* this.#one({ ...options, paths: [source.path] }, source);
      }
    } catch (error) {
      if (!options.signal?.aborted) throw error;
      return yield* this.#one(whole, { open: stopped(error), left: sources.left.bind(sources) });
    }
    // Nothing searched has its summary too.
    if (reports === 0) yield* this.#one(whole, NONE);
  }

  /** An error that is outside of any report, masked by the rules and the secrets of the options. */
  #masked(error: unknown): unknown {
    requireOpen(this.#opened);
    const findings = new Findings(this.#opened, {});
    try {
      finish(findings.begin());
      return masked(error, findings.masker);
    } finally {
      findings.wipe();
    }
  }

  /** The report of one source. Its secrets are overwritten when it ends. */
  async *#one(options: ReportRequest, sources: ReportSources): AsyncGenerator<ScanEvent, void, void> {
    const endSecrets = useSecrets();
    try {
      yield* this.report(options, { sources }).events(true);
    } finally {
      endSecrets();
      this.#opened.pool.wipe();
    }
  }

  /** The rules in use. */
  get book(): Opened['book'] {
    return this.#opened.book;
  }

  /** Its threads, for what else is to be done with the same bytes. */
  get pool(): Opened['pool'] {
    return this.#opened.pool;
  }

  /**
   * One report of many sources: those that the options name, or others. For the other roots. Throws
   * `scanner-closed`, and so do its events once the scanner is closed.
   */
  report(each: ReportRequest, internals: ReportInternals = {}, stopwatch?: Stopwatch): Report {
    const opened = this.#opened;
    requireOpen(opened);
    const options = { ...opened.options, ...each };
    // The first one may write a baseline.
    const isFirst = this.#reports++ === 0;
    const own = isFirst ? opened : { ...opened, knownSecrets: opened.knownSecrets.again() };
    try {
      return new Report(options, own, internals, stopwatch);
    } catch (error) {
      throw this.#masked(error);
    }
  }

  #begin(): void {
    requireOpen(this.#opened);
    if (this.#isBusy)
      throw new DumpsieveError({
        code: 'scanner-busy',
        message: 'the scanner is scanning another source',
        hint: 'read the events of a scan to their end before the next one, or open a scanner for each',
      });
    this.#isBusy = true;
  }

  /** Ends its threads, and overwrites the secrets of its options. A scan under way fails. */
  async close(): Promise<void> {
    await this.#opened.pool.close();
    this.#opened.targetCopies.wipe();
    this.#release();
  }
}

/** The path that a report names for an input. */
const pathOf = (input: SourceInput): string | Uint8Array =>
  typeof input === 'string' || input instanceof Uint8Array ? input : input.name;

/** Sources where there is none. */
const NONE: ReportSources = { async *open() {}, async *left() {} };

/** Sources that were stopped before the first of them. */
const stopped = (error: unknown): ReportSources['open'] =>
  async function* open() {
    yield* [];
    throw error;
  };
