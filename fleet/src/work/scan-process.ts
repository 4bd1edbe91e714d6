import type { ChildSource, EachOptions, RunFacts, ScanEvent, ScannerOptions } from '../../../src/index.js';
import { failure, theHost } from '../host.js';
import type { SpoolSlot } from '../reading/spool.js';
import type { ScanningOptions } from './options.js';

/** A process that scans one dump at a time: a ScanChild, which starts anew after its death. */
export interface ScanProcess {
  readonly tool: RunFacts['tool'];
  scan(source: ChildSource, each?: EachOptions): AsyncGenerator<ScanEvent, void, void>;
  close(): Promise<void>;
}

/** Opens the process of a slot, whose spool it inherits. */
export type OpenProcess = (spool: SpoolSlot) => Promise<ScanProcess>;

/** Bytes of memory of a process unless the caller says more. */
const MEMORY = 4 * 2 ** 30;

/**
 * Seconds after which a process that does not stop by itself at a time limit is killed: a tenth of the limit,
 * and this.
 */
const TO_STOP = 30;

/** Options of each scan: one thread for each process, and the digest of what was scanned. */
export const scannerOptionsOf = ({ scanner, spoolDir }: ScanningOptions): ScannerOptions => ({
  ...scanner,
  ...(spoolDir === undefined ? {} : { spoolDir }),
  hash: true,
  jobs: 1,
});

export function processesOf(options: ScanningOptions): OpenProcess {
  const { seconds, memory = MEMORY } = options.limits ?? {};
  const limits = { memory, ...(seconds === undefined ? {} : { seconds: seconds * 1.1 + TO_STOP }) };
  const scanner = scannerOptionsOf(options);
  return ({ fd }) => theHost().ScanChild.within(scanner, limits, { spool: fd });
}

/** How the process of a scan ended before its report. */
export type Death =
  /** By the dump, as far as is known. */
  | { type: 'crash'; signal: string; message: string }
  /** It took longer than it may. */
  | { type: 'timeout' }
  /** It was ended from outside, or could not be started: the dump has no part in it. */
  | { type: 'lost'; message: string };

/** Signals by which a service or a terminal ends all processes of a group, children too. */
const FROM_OUTSIDE = /\((?:SIGTERM|SIGHUP|SIGINT|SIGQUIT)\)|could not be started/;
const HOW = /\((SIG[A-Z0-9]+|exit status \d+)\)/;

/** Undefined for an error that is not the death of a process. */
export function deathOf(error: unknown): Death | undefined {
  const { DumpsieveError } = theHost();
  if (!(error instanceof DumpsieveError)) return undefined;
  const { code, message } = error;
  if (code === 'scan-child-timed-out') return { type: 'timeout' };
  if (code === 'scan-child-out-of-memory') return { type: 'crash', signal: 'out of memory', message };
  if (code === 'internal-error') return { type: 'crash', signal: 'internal error', message };
  if (code !== 'scan-child-crashed') return undefined;
  if (FROM_OUTSIDE.test(message)) return { type: 'lost', message };
  return { type: 'crash', signal: HOW.exec(message)?.[1] ?? 'unknown', message };
}

/** Processes that die again and again without a dump's part: the machine lacks memory or processes. */
export const cannotStart = (message: string): Error =>
  failure(
    {
      code: 'scan-processes-fail',
      message: `processes of scans end before their scan: ${message}`,
      hint: 'give the machine more memory or processes, or use fewer --jobs',
    },
    2,
  );
