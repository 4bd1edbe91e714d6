import { statSync } from 'node:fs';
import { ALONE, startEarly, workersFor } from '../sweep/early.js';

/** Paths that are looked at before the scan itself looks at them. */
const MOST = 16;

/**
 * Where a file is large enough for them: starts the threads of the scan, which come up while the program is loaded. Resolves when they have, and
 * they have taken what Node keeps compiled of its own modules: it takes that no more once the engine is told anything (compiler.ts). Throws `worker-failed`
 * where one cannot start.
 */
export async function startThreads(paths: readonly (string | Uint8Array)[], jobs: number): Promise<void> {
  const largest = Math.max(0, ...paths.slice(0, MOST).map(sizeOf));
  if (largest < ALONE) return;
  await startEarly(workersFor(largest, jobs));
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
