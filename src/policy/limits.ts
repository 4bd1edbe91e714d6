import type { Limit } from '../limits/limit.js';
import { factsOf } from '../limits/other-limits.js';

/**
 * What a limit does to the exit status: `asked`, of an answer to `--find`: always incomplete. `likely`: where
 * a private half probably was among what was left, or hits of a rule were not examined: incomplete unless
 * accepted. `note`: incomplete under `--strict`. `accepted`: nothing.
 */
export type LimitEffect = 'asked' | 'likely' | 'note' | 'accepted';

/** Effects in the order of a report. */
const EFFECTS: readonly LimitEffect[] = ['asked', 'likely', 'note', 'accepted'];

export function effectOfLimit({ search, target, likely = 0, accepted }: Limit): LimitEffect {
  if (target === 'asked') return 'asked';
  if (accepted) return 'accepted';
  return likely > 0 || factsOf(search)?.incomplete ? 'likely' : 'note';
}

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
