import { DumpsieveError } from '../core/base/runtime/errors.js';
import { closest } from '../core/base/text/suggest.js';
import type { Rule } from './types.js';

/**
 * Options that select rules (`--only`, `--with`, `--skip`, `--only-signing`): ids as in `rules list`, and
 * groups such as `service:*`.
 */
export interface RuleSelection {
  only?: readonly string[];
  /** Rules to enable that are off by default; `all`: every one. */
  with?: readonly string[] | 'all';
  skip?: readonly string[];
  onlySigning?: boolean;
}

/** True for a group of rules: `service:*`, `named-secret:*`, `azure-*`. */
const isGroup = (id: string): boolean => id.endsWith('*');

/** The ids of the requested rules and groups. Throws for a name without any rule. */
function resolve(requested: readonly string[], ids: readonly string[], known: ReadonlySet<string>): string[] {
  const resolved = requested.map((id) =>
    isGroup(id) ? ids.filter((each) => each.startsWith(id.slice(0, -1))) : known.has(id) ? [id] : [],
  );
  const unknown = requested.filter((_, index) => resolved[index]!.length === 0);
  if (unknown.length === 0) return resolved.flat();
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
  const ids = rules.map((rule) => rule.id);
  const known = new Set(ids);
  const enabled = selection.with === 'all' ? ids : (selection.with ?? []);
  resolve([...only, ...enabled, ...skip], ids, known);
  const named = new Set(resolve([...only, ...enabled], ids, known));
  const skipped = new Set(resolve(skip, ids, known));
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
