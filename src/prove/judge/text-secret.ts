import type { Secret } from '../../core/base/crypto/secret.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import { proveOct } from '../oct.js';
import { promote } from '../promote.js';
import { readingsOf } from '../sessions/readings.js';
import type { JoinedKey, KeyJoiner } from './joiner.js';
import type { Judged } from './judged.js';

/**
 * True for a secret of text that may sign tokens: a symmetric key, or the value of a name. Others are tokens
 * of services, or keys with numbers of their own.
 */
export function maySign({ material, publicHalf, kind, rule }: SecretCandidate): boolean {
  if (material !== undefined || publicHalf !== undefined) return false;
  return (kind ?? rule.kind) === 'symmetric-key' || rule.detector === 'value';
}

/** The evidence about a symmetric key: tokens and sessions that it signs. */
export function* joinSymmetric(joiner: KeyJoiner, key: Secret, near: number): Pausing<never, JoinedKey> {
  const joined = yield* joiner.joining({ symmetric: key }, near);
  const sessions = yield* joiner.sessions.joining([key], near);
  const statements = [...joined.statements, ...sessions.statements];
  return { ...joined, statements, inUse: joined.inUse || sessions.inUse };
}

/** The verdict of a text by the JWTs and sessions that it signs; empty if it signs none. */
export function* judgeText(joiner: KeyJoiner, secret: Secret, near: number): Pausing<never, Partial<Judged>> {
  // Thousands of texts need not be decoded where nothing was signed.
  if (!joiner.hasTokens() && joiner.sessions.isEmpty) return {};
  const readings = readingsOf(secret);
  const all: JoinedKey[] = [];
  for (const symmetric of readings) all.push(yield* joiner.joining({ symmetric }, near));
  const sessions = yield* joiner.sessions.joining(readings, near);
  const statements = [...new Set([...all.flatMap((joined) => joined.statements), ...sessions.statements])];
  if (statements.length === 0) return {};
  return {
    proof: promote(proveOct({ type: 'oct', k: secret }), { statements }),
    tokens: all.flatMap(({ tokens }) => tokens),
    verifiesToken: sessions.inUse || all.some(({ inUse }) => inUse),
  };
}
