import { useSecrets } from '../base/crypto/secret-memory.js';
import { definedFields } from '../base/runtime/defined.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { sanitize } from '../mask/sanitize.js';
import type { ScanEvent } from '../model/report.js';
import { checkOptions } from '../options/check-options.js';
import type { ScanOptions } from '../options/scan-options.js';
import { DEFAULTS } from '../options/table.js';
import { deferred } from '../report/deferred-events.js';
import { ArtifactScan } from '../scanner/artifact-scan.js';
import { OpenArtifacts } from '../scanner/open-artifacts.js';
import { ScanSession, type SessionInternals } from '../scanner/scan-session.js';
import { stopReason } from '../scanner/stop-reason.js';
import { unopenedFiles } from '../scanner/unopened-files.js';
import type { DecodableContent } from '../source/decodable-content.js';
import { Sources, type Tuning } from '../source/sources.js';

export type { ScanOptions, ScanProgress } from '../options/scan-options.js';
export type { Timings } from '../options/stopwatch.js';

/**
 * Scans files, folders, globs or standard input and yields the events of the report, in this order: `run`,
 * one `artifact` for each stream of bytes, one `finding` for each secret, one `find` for each target of the
 * option `find`, `summary`. All text is masked and escaped; therefore the first events wait until all files
 * are swept (docs/report.md, "What is masked"). Throws a {@link DumpsieveError} for a wrong call or for bad
 * rules. A problem with a file is a warning in its event. An aborted `signal` gives a partial report with
 * `complete: false`.
 */
export function scan(options: ScanOptions): AsyncGenerator<ScanEvent, void, void> {
  return scanWithin(options, {});
}

/** What is scanned: by default what the paths of the options name. */
export interface ScanSources {
  sources?: Pick<Sources, 'open' | 'left'>;
}

/**
 * {@link scan} for redaction and tests: of other sources, with further sinks and targets, narrower limits of
 * the sources and other caps of the fold.
 */
export async function* scanWithin(
  options: ScanOptions,
  within: Tuning & SessionInternals & ScanSources,
): AsyncGenerator<ScanEvent, void, void> {
  checkOptions(options);
  const endSecrets = useSecrets();
  try {
    const session = await ScanSession.open(options, within);
    try {
      for await (const event of deferred(events(session, within))) yield sanitize(event, session.masker);
    } catch (error) {
      throw error instanceof DumpsieveError ? error.withTexts((text) => session.masker.mask(text)) : error;
    } finally {
      await session.close();
    }
  } finally {
    endSecrets();
  }
}

async function* events(session: ScanSession, within: Tuning & ScanSources): AsyncGenerator<ScanEvent> {
  yield { type: 'run', ...session.facts() };
  const open = new OpenArtifacts();
  const { sources = sourcesOf(session, within) } = within;
  try {
    yield* sweepSources(session, open, sources);
    for (const artifactScan of open.rest()) yield await conclude(artifactScan, session);
  } catch (error) {
    const { signal } = session.options;
    if (!signal?.aborted) throw error;
    session.outcome.abort(stopReason(signal));
    for (const artifactScan of open.rest()) yield await conclude(artifactScan, session);
    for await (const artifact of unopenedFiles(sources, session, open.count))
      yield { type: 'artifact', ...artifact };
  } finally {
    open.close();
  }
  for await (const finding of session.reportFindings()) yield { type: 'finding', ...finding };
  for (const answer of session.answers()) yield { type: 'find', ...answer };
  yield { type: 'summary', ...session.finish() };
}

function sourcesOf({ options, archivePassword: password }: ScanSession, tuning: Tuning): Sources {
  const { paths, follow = false, ifNoFiles = DEFAULTS.ifNoFiles, ...more } = options;
  const { include, exclude, spoolDir, stdin, signal } = more;
  const globs = { include, exclude };
  const sourceOptions = definedFields({ follow, ifNoFiles, ...globs, password, spoolDir, stdin, signal });
  return new Sources([...paths], sourceOptions, tuning);
}

/** First sweep: every byte of every source. Artifacts stay open for the search for copies, up to a cap. */
async function* sweepSources(
  session: ScanSession,
  open: OpenArtifacts,
  sources: Pick<Sources, 'open'>,
): AsyncGenerator<ScanEvent> {
  for await (const source of sources.open()) {
    if (source.type === 'notice') session.outcome.warn(source.notice);
    else if (source.type === 'content') await sweepContent(source.content, undefined, session, open);
    else {
      const artifactScan = open.add(new ArtifactScan(source.artifact, open.count, session));
      try {
        if (source.content !== undefined) await sweepContent(source.content, artifactScan, session, open);
      } finally {
        // Also after an abort: the report then lists what was not read.
        await artifactScan.scan();
      }
      for (const oldest of open.overflow()) yield await conclude(oldest, session);
    }
  }
}

/**
 * Sweeps content while it is decoded, if that is possible. The rest of its container is swept after that;
 * the bytes of an archive were before.
 */
async function sweepContent(
  content: DecodableContent,
  container: ArtifactScan | undefined,
  session: ScanSession,
  open: OpenArtifacts,
): Promise<void> {
  const { sweepStream } = await import('../scanner/stream-sweep.js');
  const decoded = await sweepStream(content, session, container?.sweepBesideContent());
  if (decoded === undefined) return;
  const artifactScan = open.add(new ArtifactScan(decoded.artifact, open.count, session, decoded));
  await artifactScan.scan();
}

/** Second sweep, for copies of the keys proven by now; then closes the artifact. */
async function conclude(artifactScan: ArtifactScan, session: ScanSession): Promise<ScanEvent> {
  try {
    if (session.copyTargets.size > 0)
      await session.stopwatch.wait('copies', () => artifactScan.searchCopies());
    return {
      type: 'artifact',
      ...session.conclude(artifactScan.report(), artifactScan.index, artifactScan),
    };
  } finally {
    artifactScan.close();
  }
}
