import { constants } from 'node:os';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { guardFloods } from './floods.js';
import { createProgress } from './progress.js';

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
  const unguard = await guardFloods();
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
    unguard();
    signals.stop();
  }
}

/** Reason of the abort signal. */
type StopReason = 'interrupted' | 'time-limit';

export interface Signals {
  signal: AbortSignal;
  /** Ends the scan when --time-limit is reached. */
  timeUp(): void;
  /** Exit status after a signal; else undefined. */
  status(): number | undefined;
  stop(): void;
}

/**
 * A terminal that is closed sends SIGHUP. Node resets it where nohup has had it ignored. SIGQUIT would write
 * a core with secrets in it, and leave temporary files.
 */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * {@link STOPPING} signals end the scan with a partial report and status 128 + n. A second signal ends the
 * process at once.
 */
export function onSignals(): Signals {
  const controller = new AbortController();
  let received: (typeof STOPPING)[number] | undefined;
  const stop = (name: (typeof STOPPING)[number]) => {
    if (received !== undefined) process.exit(128 + constants.signals[name]);
    received = name;
    controller.abort('interrupted' satisfies StopReason);
  };
  for (const name of STOPPING) process.on(name, stop);
  return {
    signal: controller.signal,
    timeUp: () => controller.abort('time-limit' satisfies StopReason),
    status: () => (received === undefined ? undefined : 128 + constants.signals[received]),
    stop: () => {
      for (const name of STOPPING) process.off(name, stop);
    },
  };
}
