import type { Confidence } from '../model/report.js';
import { placeOf } from './place.js';
import type { Rule } from './types.js';
import { UNCALLED } from './vocabulary.js';

/** What the real path (kernel, then detector) says of some bytes; offsets and lengths in bytes. */
export type ExampleScan = (
  bytes: Uint8Array,
  rule: Rule,
) => Promise<{ ruleId: string; offset: number; length: number; confidence?: Confidence }[]>;

/** One example that does not do what it stands for. It is named by its index: its text may be a token. */
interface RuleProblem {
  ruleId: string;
  /** `rules/github.yaml:12`: the line of the example. */
  source: string;
  field: 'examples' | 'counterexamples';
  /** Index in the field's list, or undefined where the list is empty. */
  index?: number;
  message: string;
}

export interface RuleCheck {
  rules: number;
  examples: number;
  counterexamples: number;
  problems: RuleProblem[];
}

/** Fields that may be empty: a detector that no anchor calls is shown nothing, and one that collects finds nothing. */
const mayBeEmpty: Readonly<Record<'examples' | 'counterexamples', ReadonlySet<string>>> = {
  examples: new Set([...UNCALLED, 'spki']),
  counterexamples: new Set(UNCALLED),
};

const wanted = {
  examples: { found: true, message: 'is not found by its rule' },
  counterexamples: { found: false, message: 'is found by its rule, and not demoted' },
} as const;

/** A demoted match (confidence low) is how a rule says "no": it stands for a counterexample and against an example. */
async function isFound(rule: Rule, example: string, scan: ExampleScan): Promise<boolean> {
  const found = await scan(Buffer.from(example, 'latin1'), rule);
  return found.some(({ ruleId, confidence }) => ruleId === rule.id && confidence !== 'low');
}

/** Runs every example and counterexample of `rules` through `scan` (`rules check`). */
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
          ...(index === undefined ? {} : { index }),
        });
      if (rule[field].length === 0 && !mayBeEmpty[field].has(rule.detector))
        problem(`${field}: there are none, so that nothing shows that the rule works`);
      for (const [index, example] of rule[field].entries()) {
        result[field]++;
        if ((await isFound(rule, example, scan)) !== wanted[field].found)
          problem(`${field}[${index}] ${wanted[field].message}`, index);
      }
    }
  }
  return result;
}
