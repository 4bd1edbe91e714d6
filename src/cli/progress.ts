import type cliProgress from 'cli-progress';
import { lazy } from '../core/base/runtime/lazy.js';
import type { ScanProgress } from '../index.js';

const bars = lazy((require) => require('cli-progress') as typeof cliProgress);

export interface ProgressLine {
  update(progress: Omit<ScanProgress, 'findings'> & { findings?: number }): void;
  stop(): void;
}

/** A bar on standard error, and texts for the names in its format. */
interface Bar {
  update(done: number, total: number, texts: Readonly<Record<string, string>>): void;
  stop(): void;
}

const silent: Bar = { update: () => {}, stop: () => {} };

/** A line on standard error that is replaced. Only on a terminal, or with --progress. */
export function createBar(wanted: boolean | undefined, format: string): Bar {
  if (!(wanted ?? process.stderr.isTTY === true)) return silent;
  const bar = new (bars().SingleBar)({
    format: `{bar} {percentage}% | ${format}`,
    stream: process.stderr,
    noTTYOutput: process.stderr.isTTY !== true,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 5,
  });
  let shown = false;
  return {
    update(done, total, texts) {
      if (shown) bar.setTotal(total);
      else bar.start(total, 0, texts);
      shown = true;
      bar.update(done, texts);
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}

/** Bytes, GB/s, time left, findings so far if there is a search. */
export function createProgress(wanted: boolean | undefined): ProgressLine {
  const bar = createBar(wanted, '{done} of {all} | {speed} GB/s | ETA {eta_formatted}{found}');
  const started = performance.now();
  return {
    update({ bytes, total, findings }) {
      bar.update(bytes, total, {
        done: bytesText(bytes),
        all: bytesText(total),
        speed: (bytes / 1e6 / Math.max(1, performance.now() - started)).toFixed(2),
        found: findings === undefined ? '' : ` | ${findings} found`,
      });
    },
    stop: bar.stop,
  };
}

/** `12 MB`, `3.40 GB`. */
export function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
