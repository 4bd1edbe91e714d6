import { type LimitName, SEARCHES, type Step } from './searches.js';
import { SHARED_LIMITS } from './shared-limits.js';

/** Kinds of private keys that candidates may be, or what else they may be. */
export type Hidden = { keys: string } | { other: string };

/** By step. Without a row the kinds are those that the search finds. */
const HIDDEN: Partial<Readonly<Record<Step, Hidden>>> = {
  rsa: { keys: 'RSA' },
  openssh: { keys: 'shielded by OpenSSH' },
  hmac: { other: 'the secret of a token (HS256, HS384, HS512)' },
  aes: { other: 'an expanded AES key' },
  signatures: { other: 'a signature that a reported key has made' },
};

/** Names of all limits of searches. */
export const LIMIT_NAMES = [
  ...new Set([...SEARCHES.map(({ limits }) => limits), SHARED_LIMITS].flatMap(Object.keys)),
] as readonly LimitName[];

/** What may be among the candidates that a search left. */
export function hiddenBehind(name: LimitName): Hidden {
  const rows = SEARCHES.filter(({ limits }) => Object.hasOwn(limits, name));
  const [row] = rows;
  if (row === undefined) return name.startsWith('rsa') ? { keys: 'RSA' } : { keys: 'of any kind' };
  return HIDDEN[row.step] ?? { keys: rows.map(({ finds }) => finds).join('; ') };
}
