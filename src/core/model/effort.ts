/** How much work a scan may do beyond its sweep: the values of `--effort`. */
export const EFFORTS = ['quick', 'normal', 'deep'] as const;
export type EffortLevel = (typeof EFFORTS)[number];

/** A budget of work at one level: its usual amount, a part of it, or infinity where nothing is left out. */
export type Scale = (usual: number) => number;

const SHARE: Readonly<Record<EffortLevel, number>> = {
  quick: 1 / 8,
  normal: 1,
  deep: Number.POSITIVE_INFINITY,
};

/** A budget of this many items is spent whole at every level: leaving some out saves no time. */
const SMALL = 16;

interface EffortOptions {
  /** Default `normal`. */
  effort?: EffortLevel;
  /** Budgets that are not infinite are multiplied by this. */
  scale?: number;
}

/** Budgets of work by level. */
export function budgetOf({ effort = 'normal', scale = 1 }: EffortOptions): Scale {
  const share = SHARE[effort];
  if (share === Number.POSITIVE_INFINITY) return () => share;
  const scaled: Scale = scale === 1 ? (usual) => usual : (usual) => Math.floor(usual * scale);
  return share === 1
    ? scaled
    : (usual) => {
        const whole = scaled(usual);
        return Math.max(Math.min(whole, SMALL), Math.floor(whole * share));
      };
}
