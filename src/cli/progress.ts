import type cliProgress from 'cli-progress';
import { lazy } from '../base/runtime/lazy.js';
import type { ScanProgress } from '../index.js';

const bars = lazy((require) => require('cli-progress') as typeof cliProgress);

export interface ProgressLine {
  update(progress: Omit<ScanProgress, 'findings'> & { findings?: number }): void;
  stop(): void;
}

const silent: ProgressLine = { update: () => {}, stop: () => {} };

/**
 * A line on standard error: bytes, GB/s, time left, findings so far if there is a search. Only on a terminal,
 * or with --progress.
 */
export function createProgress(wanted: boolean | undefined): ProgressLine {
  if (!(wanted ?? process.stderr.isTTY === true)) return silent;
  const bar = new (bars().SingleBar)({
    format: '{bar} {percentage}% | {done} of {all} | {speed} GB/s | ETA {eta_formatted}{found}',
    stream: process.stderr,
    noTTYOutput: process.stderr.isTTY !== true,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 5,
  });
  const started = performance.now();
  let shown = false;
  return {
    update({ bytes, total, findings }) {
      const payload = {
        done: megabytes(bytes),
        all: megabytes(total),
        speed: (bytes / 1e6 / Math.max(1, performance.now() - started)).toFixed(2),
        found: findings === undefined ? '' : ` | ${findings} found`,
      };
      if (shown) bar.setTotal(total);
      else bar.start(total, 0, payload);
      shown = true;
      bar.update(bytes, payload);
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
