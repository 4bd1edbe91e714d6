import { statSync } from 'node:fs';
import { compileLess } from '../core/base/runtime/compile-less.js';
import { ALONE, prestartWorkers, workersFor } from '../sweep/worker-prestart.js';

/** Paths whose size is checked before the scan starts. */
const MOST = 16;

/**
 * Prestarts the scan's workers if a file is large enough, so that they start while the program and its rules
 * load. V8's flags are set only once the workers are up: afterwards Node's own code cache is rejected.
 * Returns false if no worker was started; throws `worker-failed` if one cannot start.
 */
export function startThreads(paths: readonly (string | Uint8Array)[], jobs: number): boolean {
  const largest = Math.max(0, ...paths.slice(0, MOST).map(sizeOf));
  if (largest < ALONE) return false;
  prestartWorkers(workersFor(largest, jobs), compileLess);
  return true;
}

function sizeOf(path: string | Uint8Array): number {
  try {
    const file = statSync(typeof path === 'string' ? path : Buffer.from(path));
    return file.isFile() ? file.size : 0;
  } catch {
    // The scan itself reports why it cannot be opened.
    return 0;
  }
}
