import { constants } from 'node:os';

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
