import { constants } from 'node:os';

/** Why a scan was asked to stop: the abort signal's reason. */
type StopReason = 'interrupted' | 'time-limit';

export interface Signals {
  signal: AbortSignal;
  /** Ends the scan because its time is up. */
  timeUp(): void;
  /** Exit status if a signal came. */
  status(): number | undefined;
  stop(): void;
}

/**
 * SIGINT and SIGTERM end the scan with a partial report and status 128 + n; a second one ends the process at once.
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
