import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import type { Rule } from './types.js';

/** Options that select rules (`--only`, `--with`, `--skip`, `--only-signing`); ids as in `rules list`. */
export interface RuleSelection {
  only?: readonly string[];
  /** Rules to enable that are off by default; `all`: every one. */
  with?: readonly string[] | 'all';
  skip?: readonly string[];
  onlySigning?: boolean;
}

function refuseUnknown(requested: readonly string[], rules: readonly Rule[]): void {
  const ids = rules.map((rule) => rule.id);
  const known = new Set(ids);
  const unknown = requested.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const hints = unknown.map((id) => closest(id, ids)).filter((id) => id !== undefined);
  throw new DumpsieveError({
    code: 'unknown-rule',
    message: `no rule has the id ${unknown.map((id) => `"${id}"`).join(', ')}`,
    hint: hints.length > 0 ? `did you mean ${hints.join(', ')}?` : '`dumpsieve rules list` shows all ids',
  });
}

/** The selected rules in their order. Throws for an unknown id, and if no rule is left. */
export function selectRules(rules: readonly Rule[], selection: RuleSelection = {}): Rule[] {
  const { only = [], skip = [], onlySigning = false } = selection;
  const enabled = selection.with === 'all' ? rules.map(({ id }) => id) : (selection.with ?? []);
  refuseUnknown([...only, ...enabled, ...skip], rules);
  const named = new Set([...only, ...enabled]);
  const skipped = new Set(skip);
  const chosen = rules.filter(
    (rule) =>
      ((only.length === 0 && !rule.optIn) || named.has(rule.id)) &&
      !skipped.has(rule.id) &&
      (!onlySigning || rule.signing),
  );
  if (chosen.length === 0)
    throw new DumpsieveError({
      code: 'no-rules',
      message: 'no rule is selected',
      hint: 'relax --only, --skip or --only-signing',
    });
  return chosen;
}
