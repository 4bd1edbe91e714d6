import type { Verdict } from '../store/store.js';

/** Exit status: findings outrank what is not known. `isIncomplete`: something was refused or not listed. */
export function exitOf(verdict: Verdict & { isIncomplete: boolean }): 0 | 1 | 2 {
  if (verdict.withFindings > 0) return 1;
  return verdict.isIncomplete || verdict.incomplete > 0 || verdict.pending > 0 ? 2 : 0;
}
