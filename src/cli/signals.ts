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
 * SIGINT and SIGTERM end the scan with a partial report and status 128 + n. A second signal ends the process
 * at once.
 */
export function onSignals(): Signals {
  const controller = new AbortController();
  let received: 'SIGINT' | 'SIGTERM' | undefined;
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    if (received !== undefined) process.exit(128 + constants.signals[name]);
    received = name;
    controller.abort('interrupted' satisfies StopReason);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    timeUp: () => controller.abort('time-limit' satisfies StopReason),
    status: () => (received === undefined ? undefined : 128 + constants.signals[received]),
    stop: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
