import type { ArtifactReport } from '../model/report.js';
import type { Left } from '../source/opener.js';
import type { Sources } from '../source/sources.js';
import { stopReason } from './first-sweep.js';
import type { ScanSession } from './scan-session.js';
import { warnings } from './warnings.js';

/** Files named one by one; beyond that they are counted. */
const NAMED = 1_000;
/** Milliseconds: whoever stops a scan does not wait for the rest of a large tree to be walked. */
const PATIENCE = 2_000;

/** After an abort: a report of each file that was named, or met in a folder, and is not one of those that were opened. */
export async function* unopenedFiles(
  sources: Pick<Sources, 'left'>,
  run: Pick<ScanSession, 'options' | 'notices' | 'notice' | 'leave'>,
  opened: number,
  patience: AbortSignal = AbortSignal.timeout(PATIENCE),
): AsyncGenerator<ArtifactReport> {
  const { signal } = run.options;
  if (signal === undefined) return;
  const reason = `not opened: ${stopReason(signal)}`;
  const told = new Set(run.notices.map(({ message }) => message));
  let files = 0;
  let whole = true;
  try {
    for await (const met of sources.left(patience)) {
      if (met.type === 'notice') {
        if (told.size < NAMED && !told.has(met.notice.message)) run.notice(met.notice);
        told.add(met.notice.message);
      } else if (++files <= NAMED) yield run.leave(describe(met, reason), opened + files - 1);
    }
  } catch (error) {
    if (!patience.aborted) throw error;
    whole = false;
  }
  const more = files - Math.min(files, NAMED);
  const left = [
    ...(more > 0 ? [`${more} further files`] : []),
    ...(whole ? [] : ['the files of folders that were not looked into any more']),
  ];
  if (left.length === 0) return;
  run.notice(
    warnings.of('files-not-opened', {
      message: `${left.join(', and ')} were ${reason}`,
      hint: 'scan again, or fewer files at once',
    }),
  );
}

function describe({ path, size, mtime }: Left, reason: string): Omit<ArtifactReport, 'verdict'> {
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
