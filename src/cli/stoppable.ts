import { DumpsieveError } from '../base/runtime/errors.js';
import { createProgress } from './progress.js';
import { onSignals } from './signals.js';

/** What a call of the library takes to be stopped and watched. */
interface Watch {
  signal: AbortSignal;
  onProgress: (progress: { bytes: number; total: number }) => void;
}

/**
 * Runs a call of the library beside the progress line. Returns the exit status that `statusOf` has for its
 * result, or that of the signal that stopped it. `progress`: as the option.
 */
export async function stoppable<Result>(
  progress: boolean | undefined,
  call: (watch: Watch) => Promise<Result>,
  statusOf: (result: Result) => number | Promise<number>,
): Promise<number> {
  const signals = onSignals();
  const line = createProgress(progress);
  try {
    const result = await call({ signal: signals.signal, onProgress: line.update });
    line.stop();
    return await statusOf(result);
  } catch (error) {
    const stopped = signals.status();
    if (stopped === undefined || error instanceof DumpsieveError) throw error;
    return stopped;
  } finally {
    line.stop();
    signals.stop();
  }
}
