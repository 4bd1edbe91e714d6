import type { Limit } from './limit.js';
import { factsOf } from './other-limits.js';

/**
 * What a limit does to the exit status: `asked`, of an answer to `--find`: always incomplete. `likely`: where
 * a private half probably was among what was left, or hits of a rule were not examined: incomplete unless
 * accepted. `note`: incomplete under `--strict`. `accepted`: nothing.
 */
export type LimitEffect = 'asked' | 'likely' | 'note' | 'accepted';

export function effectOfLimit({ search, target, likely = 0, accepted }: Limit): LimitEffect {
  if (target === 'asked') return 'asked';
  if (accepted) return 'accepted';
  return likely > 0 || factsOf(search)?.incomplete ? 'likely' : 'note';
}
