import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Limit } from '../../core/limits/limit.js';
import type { Coverage } from '../../core/model/report.js';

/** What a scan says of how far it came. */
export interface ScanCoverage {
  coverage: Coverage;
  warnings: readonly Warning[];
}

/** Limits on what a report says of what was found; each place is filled all the same. */
const OF_REPORTS: ReadonlySet<string> = new Set([
  'findings',
  'occurrences',
  'fingerprint',
  'certificates',
  'key-evidence',
]);

/** Limits that the next round lifts: what it finds first is what the last one left. */
const OF_ROUNDS: ReadonlySet<string> = new Set(['copies', 'detect']);

/** Hint where a search does not suffice for a copy. */
export const INSTEAD = '--keep backtrace makes a copy that does not depend on a search';

/**
 * Throws (exit 2) unless a scan read and searched everything, as `--strict` demands it. `accepted`: names of
 * limits that are accepted. `isLast`: no scan follows.
 */
export function requireComplete(
  { coverage: { file, memory, limits }, warnings }: ScanCoverage,
  accepted: ReadonlySet<string>,
  isLast: boolean,
): void {
  const [unread] = file.unread;
  if (unread !== undefined)
    throw incomplete(
      'redact-unread',
      `not all of the dump was read: ${unread.reason}`,
      'scan it for details',
    );
  const missing = memory?.missing.reduce((sum, { length }) => sum + length, 0) ?? 0;
  if (missing > 0)
    throw incomplete(
      'redact-missing-memory',
      `the dump lacks ${missing} bytes of memory that it describes`,
      INSTEAD,
    );
  const ended = limits.filter(
    ({ search }) => !accepted.has(search) && !OF_REPORTS.has(search) && (isLast || !OF_ROUNDS.has(search)),
  );
  if (ended.length > 0) throw atLimit(ended);
  // A budget of rules is a limit as well, and was judged as one.
  const warning = warnings.find(({ code, effect }) => effect !== 'note' && code !== 'hits-not-examined');
  if (warning !== undefined) throw incomplete(warning.code, warning.message, warning.hint ?? INSTEAD);
}

function atLimit(limits: readonly Limit[]): DumpsieveError {
  const names = [...new Set(limits.map(({ search }) => search))];
  const isDeeper = limits.every(({ deep }) => deep);
  const message = `searches reached their budget, so that secrets may be left: ${names.join(', ')}`;
  const deeper = isDeeper ? '--effort deep searches without budgets; ' : '';
  const hint = `${deeper}${INSTEAD}; --accept-limits '${names.join(',')}' copies it all the same`;
  return new DumpsieveError({ code: 'redact-limits', message, hint }, 2);
}

const incomplete = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, 2);
