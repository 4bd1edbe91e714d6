import type { Finding, Severity, Summary } from './report.js';

/**
 * Counts the findings of a run. `bySeverity` has all of them; `notCounted` those that do not count, by
 * reason.
 */
export class Tally {
  readonly bySeverity: Summary['bySeverity'] = {};
  readonly notCounted: Summary['notCounted'] = {};
  /** Number of findings that count. */
  counting = 0;

  add(finding: Pick<Finding, 'severity' | 'counts' | 'reason'>): void {
    this.bySeverity[finding.severity] = (this.bySeverity[finding.severity] ?? 0) + 1;
    if (finding.counts) this.counting++;
    else if (finding.reason) this.notCounted[finding.reason] = (this.notCounted[finding.reason] ?? 0) + 1;
  }

  /** Number of findings of these severities, or of all. */
  total(...severities: Severity[]): number {
    const wanted = severities.length > 0 ? severities : (Object.keys(this.bySeverity) as Severity[]);
    return wanted.reduce((sum, severity) => sum + (this.bySeverity[severity] ?? 0), 0);
  }
}
