import { checkOptions, type ScanOptions } from '../core/options/check-options.js';
import { compileNet } from '../detect/rulebook/compile-net.js';
import { openRulebook, type Rulebook } from '../detect/rulebook/rulebook.js';
import { scanBytes } from '../detect/rulebook/scan-bytes.js';
import { plainRule } from '../rules/bundle.js';
import { type RuleCheck, checkRules as runExamples } from '../rules/check.js';
import { compileRules } from '../rules/compile.js';
import type { Rule } from '../rules/types.js';

export type { RuleCheck } from '../rules/check.js';
export type { Rule } from '../rules/types.js';

export type RuleOptions = Pick<ScanOptions, 'ruleFolders' | 'only' | 'with' | 'skip' | 'onlySigning'>;

/** All rules, also those that are off by default, in their order. */
export async function listRules(options: RuleOptions = {}): Promise<Rule[]> {
  checkOptions({ paths: ['-'], ...options });
  return (await openRulebook(options, options.only === undefined)).rules.rules.map(plainRule);
}

/** Scans every example and counterexample with its own rule only. */
export async function checkRules(options: RuleOptions = {}): Promise<RuleCheck> {
  const rules = await listRules(options);
  const books = new Map<Rule, Rulebook>(rules.map((rule) => [rule, bookOf(rule)]));
  return runExamples(rules, async (bytes, rule) =>
    scanBytes(bytes, books.get(rule)!).map(({ rule: { id }, offset, length, confidence }) => ({
      ruleId: id,
      offset,
      length,
      confidence,
    })),
  );
}

function bookOf(rule: Rule): Rulebook {
  const rules = compileRules([rule]);
  return { rules, net: compileNet(rules) };
}
