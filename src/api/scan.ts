import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { ScanEvent } from '../core/model/report.js';
import { checkOptions, type ScanOptions } from '../core/options/check-options.js';
import { Stopwatch } from '../core/options/stopwatch.js';
import { requireUnread } from '../scan/files-read.js';
import type { ScannerInternals } from '../scan/opened.js';
import type { ReportInternals } from '../scan/report.js';
import { Scanner } from '../scan/scanner.js';

export type { ScanOptions, ScanProgress } from '../core/options/check-options.js';
export type { Timings } from '../core/options/stopwatch.js';
export { type OutputName, requireUnread } from '../scan/files-read.js';

/**
 * Scans files, folders, globs or standard input and yields the events of the report, in this order: `run`,
 * one `artifact` for each stream of bytes, one `finding` for each secret, one `find` for each target of the
 * option `find`, `summary`. All text is masked and escaped; therefore the first events wait until all files
 * are swept (docs/report.md, "What is masked"). Throws a {@link DumpsieveError} for a wrong call or for bad
 * rules. A problem with a file is a warning in its event. An aborted `signal` gives a partial report with
 * `complete: false`. For many sources, one report each, open a {@link Scanner}.
 */
export function scan(options: ScanOptions): AsyncGenerator<ScanEvent, void, void> {
  return scanWithin(options, {});
}

/**
 * {@link scan} for checks of rules and tests: of other sources, with further sinks and targets, narrower
 * limits of the sources and other caps of the fold.
 */
export async function* scanWithin(
  options: ScanOptions,
  within: ScannerInternals & ReportInternals,
): AsyncGenerator<ScanEvent, void, void> {
  checkOptions(options);
  await requireBaselineUnread(options);
  const endSecrets = useSecrets();
  try {
    const stopwatch = new Stopwatch({ isDetailed: options.onTimings !== undefined });
    const scanner = await Scanner.within(options, within, stopwatch);
    try {
      yield* scanner.report(options, within, stopwatch).events();
    } finally {
      await scanner.close();
    }
  } finally {
    endSecrets();
  }
}

/** The next baseline replaces nothing that the scan reads; of what a folder holds, only a baseline. */
async function requireBaselineUnread(options: ScanOptions): Promise<void> {
  const { writeBaseline: file } = options;
  if (file === undefined) return;
  const refused = (why: string): DumpsieveError =>
    new DumpsieveError({
      code: 'output-is-read',
      message: `--write-baseline ${file}: ${why}`,
      hint: 'what is read is never replaced: name another file',
    });
  await requireUnread([{ file, isSuccessor: true, refused }], options);
}
