import type { ScanEvent } from './model/report.js';
import { checkOptions } from './options/check-options.js';
import type { ScanOptions } from './options/scan-options.js';
import { ArtifactScan } from './pipeline/artifact-scan.js';
import { stopReason } from './pipeline/first-sweep.js';
import { OpenArtifacts } from './pipeline/open-artifacts.js';
import { ScanSession } from './pipeline/scan-session.js';
import { unopenedFiles } from './pipeline/unopened-files.js';
import { sanitize } from './report/sanitize.js';
import type { DecodableContent } from './source/decodable-content.js';
import { Sources, type Tuning } from './source/sources.js';

export type { ScanOptions, ScanProgress } from './options/scan-options.js';
export type { Timings } from './options/stopwatch.js';

/**
 * Scans files, folders, globs or standard input and yields the events of the report, in this order: `run`, one `artifact`
 * for each stream of bytes, one `finding` for each secret, one `find` for each thing asked for, `summary`. All text is masked and escaped.
 * Throws a {@link DumpsieveError} for a wrong call or bad rules; what is wrong with a file is a warning in its event.
 * An aborted `signal` gives a partial report with `complete: false`.
 */
export function scan(options: ScanOptions): AsyncGenerator<ScanEvent, void, void> {
  return scanWithin(options, {});
}

/** The same within limits that tests narrow. */
export async function* scanWithin(
  options: ScanOptions,
  tuning: Tuning,
): AsyncGenerator<ScanEvent, void, void> {
  checkOptions(options);
  const run = await ScanSession.open(options);
  try {
    for await (const event of events(run, tuning)) yield sanitize(event, run.masker);
  } finally {
    await run.close();
  }
}

async function* events(run: ScanSession, tuning: Tuning): AsyncGenerator<ScanEvent> {
  yield { type: 'run', ...run.facts() };
  const held = new OpenArtifacts();
  const sources = sourcesOf(run, tuning);
  try {
    yield* sweepSources(run, held, sources);
    for (const scan of held.rest()) yield await conclude(scan, run);
  } catch (error) {
    if (!run.options.signal?.aborted) throw error;
    run.abort(stopReason(run.options.signal));
    for (const scan of held.rest()) yield await conclude(scan, run);
    for await (const artifact of unopenedFiles(sources, run, held.count))
      yield { type: 'artifact', ...artifact };
  } finally {
    held.close();
  }
  for (const finding of run.fold.findings()) yield { type: 'finding', ...run.report(finding) };
  for (const answer of run.find?.reports(run.fold) ?? []) yield { type: 'find', ...answer };
  yield { type: 'summary', ...run.summary() };
}

function sourcesOf(run: ScanSession, tuning: Tuning): Sources {
  const { paths, follow = false, ifNoFiles = 'warn', spoolDir, stdin, signal } = run.options;
  const options = {
    follow,
    ifNoFiles,
    ...(spoolDir === undefined ? {} : { spoolDir }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(signal === undefined ? {} : { signal }),
  };
  return new Sources([...paths], options, tuning);
}

/** First sweep: every byte of every source. Scans are held open for the copies sweep, as long as that costs little. */
async function* sweepSources(
  run: ScanSession,
  held: OpenArtifacts,
  sources: Sources,
): AsyncGenerator<ScanEvent> {
  for await (const source of sources.open()) {
    if (source.type === 'notice') run.notice(source.notice);
    else {
      const scan = held.add(new ArtifactScan(source.artifact, held.count, run));
      try {
        if (source.content !== undefined) await sweepContent(source.content, scan, run, held);
      } finally {
        // Also after an abort: its report then says what was not read.
        await scan.sweep();
      }
      for (const full of held.overflow()) yield await conclude(full, run);
    }
  }
}

/** Content that can be swept as it is decoded; what is left of its container's own sweep, beside it, comes after that. */
async function sweepContent(
  content: DecodableContent,
  container: ArtifactScan,
  run: ScanSession,
  held: OpenArtifacts,
): Promise<void> {
  const { sweepStream } = await import('./pipeline/stream-sweep.js');
  const decoded = await sweepStream(content, run, container.sweepBeside());
  if (decoded === undefined) return;
  const scan = held.add(new ArtifactScan(decoded.artifact, held.count, run, decoded));
  await scan.sweep();
}

/** Second sweep, for copies of the keys proven by now; then the artifact has ended. */
async function conclude(scan: ArtifactScan, run: ScanSession): Promise<ScanEvent> {
  try {
    await run.watch.wait('copies', () => scan.searchCopies());
    return { type: 'artifact', ...run.conclude(scan.report(), scan.index, scan.swept) };
  } finally {
    scan.close();
  }
}
