import type { Limit } from '../../core/limits/limit.js';
import type { Scale } from '../../core/model/effort.js';
import type { Rule } from '../../rules/types.js';
import type { SecretCandidate } from '../core/types.js';
import { DuplicateFilter } from '../duplicates.js';
import { RuleBudget } from '../rule-budget.js';

/** The quotas of all rules for named values of one artifact, and which places are known. */
export class RuleQuotas {
  readonly #rules: readonly Rule[];
  /** Quotas by index of the rule; each is made at its first value. */
  readonly #quotas: (RuleBudget | undefined)[] = [];
  readonly #budget: Scale;
  readonly #duplicates = new DuplicateFilter();

  constructor(rules: readonly Rule[], budget: Scale) {
    this.#rules = rules;
    this.#budget = budget;
  }

  /** `known`: seen before at this place; `spent`: beyond the quota of its rule. */
  admit(candidate: SecretCandidate): 'new' | 'known' | 'spent' {
    const rule = this.#rules.indexOf(candidate.rule);
    this.#quotas[rule] ??= new RuleBudget(this.#budget);
    const quota = this.#quotas[rule];
    const { offset, length } = candidate;
    if (!this.#duplicates.add(candidate)) return 'known';
    if (quota.isSpentAt(offset)) {
      quota.skip(offset, length);
      return 'spent';
    }
    quota.addMatch(candidate);
    return 'new';
  }

  /** Values that the quotas skipped. */
  limits(): Limit[] {
    return Object.entries(this.#quotas).flatMap(([index, quota]) => [
      ...quota!.skippedHits(this.#rules[Number(index)]!),
    ]);
  }
}
