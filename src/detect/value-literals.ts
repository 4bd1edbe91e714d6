import type { Rule, RuleSet } from '../rules/types.js';
import { beginsValues } from './text/value-prefix.js';

/**
 * Literals above which the value net finds those that it can: each one more makes the literal net slower, and
 * fewer are cheaper there than the look-up of prefixes (docs/performance.md).
 */
const MANY = 260;

/** For each literal whether the value net finds it: it begins the values of all rules that name it. */
export function valueLiterals({ rules, literals }: RuleSet, most = MANY): boolean[] {
  if (literals.length <= most) return literals.map(() => false);
  const known = new Map<number, boolean>();
  const begins = (index: number): boolean => {
    const begins = known.get(index) ?? beginsValues(rules[index] as Rule);
    known.set(index, begins);
    return begins;
  };
  return literals.map(({ caseless, rules: indices }) => !caseless && indices.every(begins));
}
