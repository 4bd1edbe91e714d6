import type { RuleSet } from '../rules/types.js';
import { latin1, type Need, type NeedsOf } from './core/needs.js';
import { detectors } from './table.js';
import { valuePrefixes } from './text/value-prefix.js';

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

/**
 * For each literal whether the value net finds it: it begins values of all rules that name it. Each literal
 * less makes the literal net faster, and hits are fewer (docs/performance.md).
 */
export function valueLiterals({ rules, literals }: RuleSet): boolean[] {
  const known = new Map<number, ReadonlySet<string>>();
  const prefixesOf = (index: number): ReadonlySet<string> => {
    const prefixes =
      known.get(index) ?? new Set(valuePrefixes(rules[index]!).map(({ bytes }) => latin1(bytes)));
    known.set(index, prefixes);
    return prefixes;
  };
  return literals.map(
    ({ bytes, caseless, rules: indices }) =>
      !caseless && indices.every((index) => prefixesOf(index).has(latin1(bytes))),
  );
}
