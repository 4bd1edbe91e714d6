import type { Limit } from '../../core/limits/limit.js';
import { effectOfLimit, type LimitEffect } from '../../core/limits/limit-effect.js';
import { factsOf } from '../../core/limits/other-limits.js';

/** Effects in the order of a report. */
const EFFECTS: readonly LimitEffect[] = ['asked', 'likely', 'note', 'accepted'];

interface LimitPolicy {
  /** Names of `--accept-limits`. */
  accepted: ReadonlySet<string>;
  /** There are targets of `--find`. */
  hasTargets: boolean;
}

/**
 * The limits of an artifact, those with the strongest effect first. With targets, what every answer needs is
 * `asked`. No other limit of an accepted name has an effect.
 */
export function judgedLimits(limits: readonly Limit[], { accepted, hasTargets }: LimitPolicy): Limit[] {
  const judged = limits.map((limit): Limit => {
    if (limit.target === 'asked') return limit;
    if (hasTargets && factsOf(limit.search)?.answers) return { ...limit, target: 'asked' };
    return accepted.has(limit.search) ? { ...limit, accepted: true } : limit;
  });
  const rank = (limit: Limit): number => EFFECTS.indexOf(effectOfLimit(limit));
  return judged.sort((a, b) => rank(a) - rank(b));
}
