import type { RuleSet } from '../rules/types.js';
import { latin1, type Need, type NeedsOf } from './core/needs.js';
import { detectors } from './table.js';

/** The conditions of each literal, one of which must hold; undefined if every hit must be examined. */
export function literalNeeds({ rules, literals }: RuleSet): (Need[] | undefined)[] {
  const byRule = new Map<number, NeedsOf | undefined>();
  const needsOf = (index: number): NeedsOf | undefined => {
    const rule = rules[index]!;
    if (!byRule.has(index)) byRule.set(index, detectors.get(rule.detector)?.needs?.(rule));
    return byRule.get(index);
  };
  return literals.map(({ bytes, rules: indices }) => {
    const needs: Need[] = [];
    for (const index of indices) {
      const of = needsOf(index);
      if (of === undefined) return undefined;
      needs.push(...of(latin1(bytes)));
    }
    return needs;
  });
}
