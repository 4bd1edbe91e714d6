import type { ArtifactReport } from '../core/model/report.js';
import type { UnopenedFile } from '../source/opener.js';
import type { Sources } from '../source/sources.js';
import type { Conclusion } from './conclusion.js';
import { warnings } from './ledger.js';
import { stopReason } from './stop-reason.js';

/** Files reported one by one; further ones are counted. */
const NAMED = 1_000;
/** Milliseconds: the rest of a large tree is not walked when a scan was stopped. */
const PATIENCE = 2_000;

/** After an abort: a report of each file that was named or found in a folder, and not opened. */
export async function* unopenedFiles(
  sources: Pick<Sources, 'left'>,
  conclusion: Pick<Conclusion, 'options' | 'outcome' | 'unopened'>,
  opened: number,
  patience: AbortSignal = AbortSignal.timeout(PATIENCE),
): AsyncGenerator<ArtifactReport> {
  const { outcome } = conclusion;
  const { signal } = conclusion.options;
  if (signal === undefined) return;
  const reason = `not opened: ${stopReason(signal)}`;
  const reported = new Set(outcome.notices.map(({ message }) => message));
  let files = 0;
  let complete = true;
  try {
    for await (const found of sources.left(patience)) {
      if (found.type === 'notice') {
        const { message } = found.notice;
        if (reported.size < NAMED && !reported.has(message)) outcome.warn(found.notice);
        reported.add(message);
      } else if (++files <= NAMED) yield conclusion.unopened(describe(found, reason), opened + files - 1);
    }
  } catch (error) {
    if (!patience.aborted) throw error;
    complete = false;
  }
  const more = files - Math.min(files, NAMED);
  const unopened = [
    ...(more > 0 ? [`${more} further files`] : []),
    ...(complete ? [] : ['the files of folders that were not listed']),
  ];
  if (unopened.length === 0) return;
  outcome.warn(
    warnings.of('files-not-opened', {
      message: `${unopened.join(', and ')} were ${reason}`,
      hint: 'scan again, or fewer files at once',
    }),
  );
}

function describe({ path, size, mtime }: UnopenedFile, reason: string): Omit<ArtifactReport, 'verdict'> {
  return {
    path,
    format: 'not-opened',
    size: size ?? 0,
    ...(mtime === undefined ? {} : { mtime: mtime.toISOString() }),
    coverage: {
      file: { bytes: size ?? 0, unread: [{ offset: 0, length: size ?? null, reason }] },
      limits: [],
    },
    warnings: [],
  };
}
