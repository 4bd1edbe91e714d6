import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';

/** Sealing is `zstd -1 | age -R RECIPIENTS`, as the handler does it: children read and write descriptors. */

/** A pipeline has the status of its last command: that of zstd comes through a descriptor of its own. */
const SEAL = '{ zstd -q -1 -c <&4 || echo "$?" >&3; } | age -R "$1" 3>&- >&5';
const SEAL_TEXT = 'age -R "$1" 3>&- >&5';

/** Status of a shell that does not find a program. */
const NOT_FOUND = 127;

interface Sealing {
  /** Descriptor of what is sealed, or a text. */
  from: number | string;
  /** Descriptor of the new file. */
  to: number;
  /** File of age recipients. */
  recipients: string;
  signal?: AbortSignal;
}

/** Seals a file, which is read from the offset of its descriptor on, or a text. False: it failed. */
export async function seal({ from, to, recipients, signal }: Sealing): Promise<boolean> {
  const isText = typeof from === 'string';
  const child = spawn('/bin/sh', ['-c', isText ? SEAL_TEXT : SEAL, 'sh', recipients], {
    // Nothing of the guard's environment but where programs are.
    env: { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    stdio: [isText ? 'pipe' : 'ignore', 'ignore', 'ignore', 'pipe', isText ? 'ignore' : from, to],
    // A session of its own: all of the pipeline can be killed.
    detached: true,
  });
  const stop = (): void => killAll(child);
  signal?.addEventListener('abort', stop);
  let failure = '';
  child.stdio[3]?.on('data', (part: Buffer) => {
    failure += part.toString('latin1');
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(from);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (status === NOT_FOUND || failure.startsWith(String(NOT_FOUND))) throw missing('not found');
    return status === 0 && failure === '';
  } catch (error) {
    if (error instanceof DumpsieveError || signal?.aborted) throw error;
    throw missing(reasonOf(error), error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function killAll({ pid }: ChildProcess): void {
  if (pid !== undefined) tryTo(() => process.kill(-pid, 'SIGKILL'));
}

const missing = (reason: string, cause?: unknown): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'guard-program-missing',
      message: `sh, age or zstd could not be started (${reason})`,
      hint: 'install age and zstd; dumpsieve guard check says what is missing',
    },
    2,
    cause,
  );
