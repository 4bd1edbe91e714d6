import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import { LIMIT_NAMES } from './limit-facts.js';
import { OTHER_LIMITS } from './other-limits.js';

const NAMES: readonly string[] = [...LIMIT_NAMES, ...Object.keys(OTHER_LIMITS)];

/**
 * The names of `--accept-limits`. Throws `unknown-limit` (exit 3) for one that no limit has. The message
 * quotes it whole: the command masks a secret given by mistake, but not every part of one.
 */
export function acceptedLimits(names: readonly string[] = []): ReadonlySet<string> {
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length === 0) return new Set(names);
  const hints = unknown.map((name) => closest(name, NAMES)).filter((name) => name !== undefined);
  throw new DumpsieveError({
    code: 'unknown-limit',
    message: `no limit has the name ${unknown.map((name) => `"${name}"`).join(', ')}`,
    hint: hints.length > 0 ? `did you mean ${hints.join(', ')}?` : 'docs/keys.md lists all names ("Budgets")',
  });
}
