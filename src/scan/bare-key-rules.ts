import type { Kind } from '../core/model/report.js';
import type { Rule } from '../rules/types.js';
import type { SearchOptions } from '../search/session/search-options.js';

export type BareKeyRules = SearchOptions['rules'];

/** Kind and use of the findings of each role's rule. */
const ROLES: Readonly<Record<keyof BareKeyRules, { kind: Kind; signing: boolean }>> = {
  key: { kind: 'private-key', signing: true },
  agreement: { kind: 'private-key', signing: false },
  secret: { kind: 'symmetric-key', signing: true },
  schedule: { kind: 'symmetric-key', signing: false },
};

/** The rules in use that report bare keys; undefined if there are none. */
export function bareKeyRules(rules: readonly Rule[]): BareKeyRules | undefined {
  const entries = Object.entries(ROLES).flatMap(([role, { kind, signing }]) => {
    const rule = rules.find(
      (each) => each.detector === 'run' && each.kind === kind && each.signing === signing,
    );
    return rule === undefined ? [] : [[role, rule] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
