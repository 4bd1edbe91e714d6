/** How the dumps of a run stand, now. */
export interface Verdict {
  /** Dumps with a scan that has a finding which fails the gate. */
  withFindings: number;
  /** Dumps whose scans have not read and searched everything. */
  incomplete: number;
  /** Dumps without a scan: to be scanned, failed or dead. */
  pending: number;
}

/** Exit status: findings outrank what is not known (docs/exit.md). */
export function exitOf(verdict: Verdict & { isIncomplete: boolean }): 0 | 1 | 2 {
  if (verdict.withFindings > 0) return 1;
  return verdict.isIncomplete || verdict.incomplete > 0 || verdict.pending > 0 ? 2 : 0;
}
