import { tmpdir } from 'node:os';
import type { Policy } from '../policy/policy.js';

/**
 * `ok`; `wrong`: the guard is not in force, or protects less than it should; `unknown`: it could not be seen;
 * `note`: for the reader to judge.
 */
type CheckState = 'ok' | 'wrong' | 'unknown' | 'note';

/** What one look at the guard's set-up has found. */
export interface CheckRow {
  /** Which check: stable, scripts match on it. */
  check: string;
  state: CheckState;
  message: string;
  /** How to mend it. */
  hint?: string;
}

/** A result before it has the name of its check. */
export type CheckResult = Omit<CheckRow, 'check'>;

export const ok = (message: string): CheckResult => ({ state: 'ok', message });
export const wrong = (message: string, hint: string): CheckResult => ({ state: 'wrong', message, hint });
export const unknown = (message: string, hint: string): CheckResult => ({ state: 'unknown', message, hint });
export const note = (message: string, hint?: string): CheckResult => ({
  state: 'note',
  message,
  ...(hint === undefined ? {} : { hint }),
});

/** Where a check looks; tests name others. */
export interface CheckPlaces {
  /** Folder of the kernel's settings. */
  kernel: string;
  kernelLog: string;
  /** PATH of the handler, which does not have that of a shell. */
  path: string;
  /** Settings of the handler, unless the pattern names others. */
  settings: string;
  /** Below it a probe crashes. */
  temporary: string;
  /** Milliseconds until the dump of a probe must be there. */
  patience: number;
}

export const PLACES: CheckPlaces = {
  kernel: '/proc/sys/kernel',
  kernelLog: '/dev/kmsg',
  path: '/usr/sbin:/usr/bin:/sbin:/bin',
  settings: '/etc/dumpsieve/seal.conf',
  temporary: tmpdir(),
  patience: 5_000,
};

export interface CheckContext {
  policy: Policy;
  places: CheckPlaces;
}

/** One check, with all its results; none where there is nothing to look at. */
export type Check = (context: CheckContext) => CheckResult[] | Promise<CheckResult[]>;
