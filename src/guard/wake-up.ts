import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Wakes up when something changes in a folder. Where that cannot be watched, only after the period. */
export function wakeUp(folder: string): {
  next(period: number, signal: AbortSignal): Promise<void>;
  close(): void;
} {
  let isChanged = false;
  let wake = (): void => {};
  let watcher: fs.FSWatcher | undefined;
  try {
    watcher = fs.watch(folder, { persistent: false }, () => {
      isChanged = true;
      wake();
    });
    watcher.on('error', () => {});
  } catch {
    // The limit of watches is reached.
  }
  return {
    async next(period, signal) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!isChanged) {
        const timer = new AbortController();
        const stop = AbortSignal.any([signal, timer.signal]);
        await Promise.race([changed, pause(period, undefined, { signal: stop }).catch(() => {})]);
        timer.abort();
      }
      isChanged = false;
    },
    close: () => watcher?.close(),
  };
}
