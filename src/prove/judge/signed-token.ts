import { definedFields } from '../../core/base/runtime/defined.js';
import type { TokenFacts } from '../../core/model/report.js';
import type { StoredToken } from './token-store.js';

/** A token that verifies under a key of its artifact. */
export interface VerifiedToken extends Omit<TokenFacts, 'artifact'> {
  /** Digest of the token's text: equal for copies of one token. */
  digest: string;
}

/** Cap on the text of a claim, in characters. */
const LONGEST = 256;

const textOf = (claim: unknown): string | undefined =>
  typeof claim !== 'string' ? undefined : claim.length > LONGEST ? `${claim.slice(0, LONGEST)}…` : claim;

/** The last second of the year 9999: ISO 8601 has four digits for a year. */
const LAST_SECOND = 253_402_300_799;

/** Claim `exp`, seconds since 1970 (RFC 7519, 4.1.4), as ISO 8601. */
const dateOf = (seconds: unknown): string | undefined =>
  typeof seconds === 'number' && seconds >= 0 && seconds <= LAST_SECOND
    ? new Date(seconds * 1000).toISOString()
    : undefined;

function claimsOf(signed: Buffer): Record<string, unknown> {
  const payload = signed.subarray(signed.indexOf('.') + 1).toString('latin1');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Issuer, subject and expiry of a token, by its claims. */
export function verifiedToken({ digest, offset, signed }: StoredToken): VerifiedToken {
  const { iss, sub, exp } = claimsOf(signed);
  const claims = { issuer: textOf(iss), subject: textOf(sub), expires: dateOf(exp) };
  return { digest, offset, ...definedFields(claims) };
}
