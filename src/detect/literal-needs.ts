import type { RuleSet } from '../rules/types.js';
import { type Need, type NeedsOf, nameOf } from './core/needs.js';
import { detectors } from './table.js';

/** What each literal needs: one of its list; undefined where any hit must be examined. */
export function literalNeeds({ rules, literals }: RuleSet): (Need[] | undefined)[] {
  const byRule = new Map<number, NeedsOf | undefined>();
  const needsOf = (index: number): NeedsOf | undefined => {
    const rule = rules[index]!;
    if (!byRule.has(index)) byRule.set(index, detectors.get(rule.detector)?.needs?.(rule));
    return byRule.get(index);
  };
  return literals.map(({ bytes, rules: called }) => {
    const needs: Need[] = [];
    for (const index of called) {
      const of = needsOf(index);
      if (of === undefined) return undefined;
      needs.push(...of(nameOf(bytes)));
    }
    return needs;
  });
}
