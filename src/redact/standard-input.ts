import { spoolAll } from '../source/file-events.js';
import { redirected } from '../source/opener.js';
import type { SpoolContext } from '../source/stored-bytes.js';
import { readStandardInput } from '../source/streams.js';
import { failed, requireNoChange, type StoredInput } from './stored-input.js';

/** Name of standard input in messages. */
const SHOWN = '-';

/**
 * Reads standard input, or the stream given, into a spool. Throws (exit 2) if it breaks off, or nothing
 * arrives.
 */
export async function openStandardInput(
  stdin: NodeJS.ReadableStream | undefined,
  context: SpoolContext,
): Promise<StoredInput> {
  const isOwn = stdin === undefined || stdin === process.stdin;
  const file = isOwn ? redirected() : undefined;
  const chunks = readStandardInput(stdin, context.signal);
  const { storage, lease, warnings } = await spoolAll(SHOWN, chunks, context);
  const close = lease.acquire();
  const [warning] = warnings;
  if (warning === undefined && storage.length > 0)
    return {
      ...{ shown: SHOWN, storage, close },
      ...{ file: file?.stats, mtime: undefined },
      requireUnchanged: () => file && requireNoChange(file.watch),
    };
  close();
  if (warning !== undefined) throw failed(warning.code, warning.message, warning.hint ?? '', 2);
  const hint = 'the command before the pipe may have failed (bash: set -o pipefail)';
  throw failed('empty-input', `${SHOWN}: nothing arrived`, hint, 2);
}
