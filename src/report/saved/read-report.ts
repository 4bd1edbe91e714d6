import { createReadStream } from 'node:fs';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { displayName } from '../../core/base/text/escape.js';
import { ReportReader, type SavedReport } from './saved-report.js';

/** Bytes read at once: a few milliseconds of work. */
const CHUNK = 256 * 2 ** 10;

/** Reads a saved report, `-` from standard input. Throws (exit 3) for what is none, (exit 2) if cut. */
export async function readReport(path: string | Uint8Array, signal?: AbortSignal): Promise<SavedReport> {
  const file = typeof path === 'string' ? displayName(Buffer.from(path)) : displayName(path);
  const reader = new ReportReader(path === '-' ? 'standard input' : file);
  const stream =
    path === '-'
      ? process.stdin
      : createReadStream(typeof path === 'string' ? path : Buffer.from(path), { highWaterMark: CHUNK });
  try {
    for await (const bytes of stream) {
      signal?.throwIfAborted();
      reader.write(bytes as Buffer);
    }
  } catch (error) {
    if (error instanceof DumpsieveError || signal?.aborted) throw error;
    throw new DumpsieveError(
      {
        code: 'report-unreadable',
        message: `${file} cannot be read (${reasonOf(error)})`,
        hint: 'name a report that dumpsieve scan --output json=FILE has written',
      },
      3,
      error,
    );
  }
  return reader.end();
}
