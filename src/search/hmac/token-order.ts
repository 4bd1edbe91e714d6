import { createHash } from 'node:crypto';
import type { SignedToken } from '../core/types.js';

/** Distinct tokens by their signed bytes and signature; of equal ones the last is kept. */
export function distinctTokens(tokens: readonly SignedToken[]): SignedToken[] {
  const seen = new Map(
    tokens.map((token) => [
      createHash('sha256').update(token.signed).update(token.signature).digest('hex'),
      token,
    ]),
  );
  return [...seen.values()];
}

/**
 * Header and issuer of a token (RFC 7519, 4.1.1): tokens that share them were probably signed with one key.
 */
function issuerOf({ signed }: SignedToken): string {
  const [header = '', payload = ''] = Buffer.from(signed).toString('latin1').split('.');
  const issuer = /"iss"\s*:\s*"([^"]{0,256})"/.exec(Buffer.from(payload, 'base64url').toString('latin1'));
  return `${header} ${issuer?.[1] ?? ''}`;
}

/**
 * One token of each issuer before all others, so that dozens of tokens received from clients do not keep a
 * server's own token from being tried.
 */
export function issuersFirst(tokens: readonly SignedToken[]): SignedToken[] {
  const seen = new Set<string>();
  const firsts = new Set<SignedToken>();
  for (const token of tokens) {
    const issuer = issuerOf(token);
    if (!seen.has(issuer)) firsts.add(token);
    seen.add(issuer);
  }
  return [...firsts, ...tokens.filter((token) => !firsts.has(token))];
}
