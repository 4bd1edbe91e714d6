import { readFileSync, writeSync } from 'node:fs';
import { FRAMES, OUT_OF_MEMORY } from './messages.js';

/**
 * Bytes of resident memory at most so far. Linux counts them for each program that a process runs (VmHWM,
 * proc_pid_status(5)); the peak of getrusage(2) would include that of the parent.
 */
function peakMemory(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
}

/** Ends the process with its last word if it had more memory than it may. `limit`: bytes; 0: none. */
export function endAtLimit(limit: number): void {
  if (limit === 0 || peakMemory() <= limit) return;
  try {
    writeSync(FRAMES, OUT_OF_MEMORY);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}
