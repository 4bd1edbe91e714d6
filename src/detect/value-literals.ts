import type { RuleSet } from '../rules/types.js';
import { latin1 } from './core/needs.js';
import { valuePrefixes } from './text/value-prefix.js';

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
