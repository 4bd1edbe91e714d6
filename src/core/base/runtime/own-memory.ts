import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { DumpsieveError } from './errors.js';

/** Options of Node by flag and NODE_OPTIONS, in one spelling: Node takes underscores and quotes too. */
function nodeOptions(): string {
  const all = [process.env.NODE_OPTIONS ?? '', ...process.execArgv];
  return all.join(' ').replace(/["\\]/g, '').replaceAll('_', '-');
}

/** Settings that write or print memory of the process, and cannot be turned off once it runs. */
const REFUSED: readonly {
  setting: string;
  variable: string;
  what: string;
  isSet(options: string): boolean;
}[] = [
  {
    setting: '--heapsnapshot-near-heap-limit',
    variable: 'NODE_OPTIONS',
    what: 'writes what is scanned to a file when memory runs out',
    isSet: (options) => options.includes('--heapsnapshot-near-heap-limit'),
  },
  {
    setting: 'NODE_DEBUG',
    variable: 'NODE_DEBUG',
    what: 'prints bytes of what is scanned',
    isSet: () => (process.env.NODE_DEBUG ?? '') !== '',
  },
];

/**
 * Keeps the memory of this process, which holds secrets of dumps, out of files: core dumps (Linux), heap
 * snapshots and diagnostic reports. Throws `unsafe-environment` (exit 3) where it cannot. SECURITY.md says
 * what is left to its caller.
 */
export function protectOwnMemory(): void {
  keepOutOfCores();
  const { report } = process;
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
  const options = nodeOptions();
  const [, signal] = /--heapsnapshot-signal[= ](SIG\w+)/.exec(options) ?? [];
  if (signal !== undefined) process.removeAllListeners(signal);
  if (options.includes('--abort-on-uncaught-exception'))
    setFlagsFromString('--no-abort-on-uncaught-exception');
  const refused = REFUSED.find(({ isSet }) => isSet(options));
  if (refused !== undefined)
    throw new DumpsieveError({
      code: 'unsafe-environment',
      message: `${refused.setting} is set: it ${refused.what}`,
      hint: `run without it: env -u ${refused.variable} dumpsieve …`,
    });
}

/** A core dump of this process then has no memory, only notes with the registers (core(5)). */
function keepOutOfCores(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // No /proc, or one that is read-only.
  }
}
