import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import { OTHER_LIMITS } from './other-limits.js';
import { type LimitName, SEARCHES, type SearchStep } from './searches.js';
import { SHARED_LIMITS } from './shared-limits.js';

/** Kinds of private keys that candidates may be, or what else they may be. */
export type Hidden = { keys: string } | { other: string };

/** By step. Without a row the kinds are those that the search finds. */
const HIDDEN: Partial<Readonly<Record<SearchStep, Hidden>>> = {
  rsa: { keys: 'RSA' },
  openssh: { keys: 'shielded by OpenSSH' },
  hmac: { other: 'the secret of a token (HS256, HS384, HS512)' },
  aes: { other: 'an expanded AES key' },
};

/** Names of all limits of searches. */
export const LIMIT_NAMES = [
  ...new Set([...SEARCHES.map(({ limits }) => limits), SHARED_LIMITS].flatMap(Object.keys)),
] as readonly LimitName[];

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
    hint:
      hints.length > 0
        ? `did you mean ${hints.join(', ')}?`
        : 'a report has the names in brackets; docs/searches.md lists all ("Budgets")',
  });
}

/** What may be among the candidates that a search left. */
export function hiddenBehind(name: LimitName): Hidden {
  const rows = SEARCHES.filter(({ limits }) => Object.hasOwn(limits, name));
  const [row] = rows;
  if (row === undefined) return name.startsWith('rsa') ? { keys: 'RSA' } : { keys: 'of any kind' };
  return HIDDEN[row.step] ?? { keys: rows.map(({ finds }) => finds).join('; ') };
}
