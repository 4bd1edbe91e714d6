import type { RuleSet } from '../rules/types.js';
import { beginsValues } from './text/value-prefix.js';

/**
 * For each literal whether the value net finds it: it begins the values of all rules that name it. Each
 * literal less makes the literal net faster, and hits are fewer (docs/performance.md).
 */
export function valueLiterals({ rules, literals }: RuleSet): boolean[] {
  const known = new Map<number, boolean>();
  const begins = (index: number): boolean => {
    const begins = known.get(index) ?? beginsValues(rules[index]!);
    known.set(index, begins);
    return begins;
  };
  return literals.map(({ caseless, rules: indices }) => !caseless && indices.every(begins));
}
