import { holdSecrets, useSecrets } from '../base/crypto/secret-memory.js';
import { definedFields } from '../base/runtime/defined.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { ScanEvent } from '../model/report.js';
import { checkEachOptions, checkScannerOptions } from '../options/check-options.js';
import type { ScannerOptions, ScanOptions } from '../options/scan-options.js';
import { Stopwatch } from '../options/stopwatch.js';
import { Sources } from '../source/sources.js';
import type { SourceInput } from '../source/types.js';
import { type Opened, openOnce, type ScannerInternals } from './opened.js';
import { Report, type ReportInternals, type ReportSources, sourceOptionsOf } from './report.js';

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
  #state: 'idle' | 'busy' | 'closed' = 'idle';

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
   * opened. Throws `scanner-busy` while another scan is not read to its end, and `scanner-closed`.
   */
  async *scan(input: SourceInput, each: EachOptions = {}): AsyncGenerator<ScanEvent, void, void> {
    checkEachOptions(each);
    this.#begin();
    try {
      const options = definedFields(each);
      const all = { paths: [], ...this.#opened.options, ...options };
      const sources = new Sources([input], sourceOptionsOf(all, this.#opened));
      try {
        for await (const source of sources.each())
          yield* this.#one({ ...options, paths: [source.path] }, source);
      } catch (error) {
        if (!each.signal?.aborted) throw error;
        yield* this.#one(
          { ...options, paths: [pathOf(input)] },
          { open: stopped(error), left: sources.left.bind(sources) },
        );
      }
    } finally {
      this.#end();
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

  /** One report of many sources: those that the options name, or others. For the other roots. */
  report(each: ReportRequest, internals: ReportInternals = {}, stopwatch?: Stopwatch): Report {
    const opened = this.#opened;
    const options = { ...opened.options, ...each };
    // The first one may write a baseline.
    const isFirst = this.#reports++ === 0;
    const own = isFirst ? opened : { ...opened, knownSecrets: opened.knownSecrets.again() };
    return new Report(options, own, internals, stopwatch);
  }

  #begin(): void {
    if (this.#state === 'closed')
      throw new DumpsieveError({ code: 'scanner-closed', message: 'the scanner is closed' });
    if (this.#state === 'busy')
      throw new DumpsieveError({
        code: 'scanner-busy',
        message: 'the scanner is scanning another source',
        hint: 'read the events of a scan to their end before the next one, or open a scanner for each',
      });
    this.#state = 'busy';
  }

  #end(): void {
    if (this.#state === 'busy') this.#state = 'idle';
  }

  /** Ends its threads, and overwrites the secrets of its options. A scan under way fails. */
  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#opened.pool.close();
    this.#opened.targetCopies.wipe();
    this.#release();
  }
}

/** The path that a report names for an input. */
const pathOf = (input: SourceInput): string | Uint8Array =>
  typeof input === 'string' || input instanceof Uint8Array ? input : input.name;

/** Sources that were stopped before the first of them. */
const stopped = (error: unknown): ReportSources['open'] =>
  async function* open() {
    yield* [];
    throw error;
  };
