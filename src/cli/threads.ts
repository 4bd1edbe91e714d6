import { statSync } from 'node:fs';
import { ALONE, prestartWorkers, workersFor } from '../sweep/worker-prestart.js';
import { compileLess } from './compiler.js';

/** Paths that are looked at before the scan itself looks at them. */
const MOST = 16;

/**
 * Where a file is large enough for them: starts the threads of the scan, which come up while the program and its rules are loaded. The engine is
 * told to compile less when they have taken what Node keeps compiled of its own modules, which it takes no more after that. False where there are none.
 * Throws `worker-failed` where one cannot start.
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
    // Whoever opens it says what is wrong with it.
    return 0;
  }
}
