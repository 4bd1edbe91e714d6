import { definedFields } from '../core/base/runtime/defined.js';
import type { Confidence } from '../core/model/report.js';
import { placeOf, type Rule } from './types.js';
import { UNCALLED } from './vocabulary.js';

/** Findings in some bytes by the real path, kernel then detector; offsets and lengths in bytes. */
export type ExampleScan = (
  bytes: Uint8Array,
  rule: Rule,
) => Promise<{ ruleId: string; offset: number; length: number; confidence?: Confidence }[]>;

/** A failed example. Named by its index, since its text may be a token. */
interface RuleProblem {
  ruleId: string;
  /** `rules/github.yaml:12`: the line of the example. */
  source: string;
  field: 'examples' | 'counterexamples';
  /** Index in the list; undefined if the list is empty. */
  index?: number;
  message: string;
}

export interface RuleCheck {
  rules: number;
  examples: number;
  counterexamples: number;
  problems: RuleProblem[];
}

/**
 * Detectors whose rules may lack examples: those without anchors, and those without findings of their own.
 */
const mayBeEmpty: Readonly<Record<'examples' | 'counterexamples', ReadonlySet<string>>> = {
  examples: new Set([...UNCALLED, 'spki']),
  counterexamples: new Set(UNCALLED),
};

const expected = {
  examples: { found: true, message: 'is not found by its rule' },
  counterexamples: { found: false, message: 'is found by its rule and not demoted' },
} as const;

/** A match with confidence low counts as not found. */
async function isFound(rule: Rule, example: string, scan: ExampleScan): Promise<boolean> {
  const found = await scan(Buffer.from(example, 'latin1'), rule);
  return found.some(({ ruleId, confidence }) => ruleId === rule.id && confidence !== 'low');
}

/** Scans every example and counterexample of `rules` (`rules check`). */
export async function checkRules(rules: readonly Rule[], scan: ExampleScan): Promise<RuleCheck> {
  const result: RuleCheck = { rules: rules.length, examples: 0, counterexamples: 0, problems: [] };
  for (const rule of rules) {
    for (const field of ['examples', 'counterexamples'] as const) {
      const problem = (message: string, index?: number) =>
        result.problems.push({
          ruleId: rule.id,
          source: placeOf(rule, index === undefined ? field : `${field}[${index}]`),
          field,
          message,
          ...definedFields({ index }),
        });
      if (rule[field].length === 0 && !mayBeEmpty[field].has(rule.detector))
        problem(`${field}: the rule has none`);
      for (const [index, example] of rule[field].entries()) {
        result[field]++;
        if ((await isFound(rule, example, scan)) !== expected[field].found)
          problem(`${field}[${index}] ${expected[field].message}`, index);
      }
    }
  }
  return result;
}
