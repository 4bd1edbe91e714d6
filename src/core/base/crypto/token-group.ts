/** Longest name of a key or issuer that distinguishes groups, in characters. */
const MOST = 256;

const member = (name: string): RegExp => new RegExp(`"${name}"\\s*:\\s*"([^"]{0,${MOST}})"`);
const ALGORITHM = member('alg');
const KEY_ID = member('kid');
const ISSUER = member('iss');

const decoded = (part = ''): string => Buffer.from(part, 'base64url').toString('latin1');
const first = (pattern: RegExp, text: string): string => pattern.exec(text)?.[1] ?? '';

/**
 * Algorithm, key and issuer of a JWT (RFC 7515, 4.1; RFC 7519, 4.1.1): tokens that share them were probably
 * signed with one key. `signed`: header, dot and payload.
 */
export function tokenGroup(signed: string): string {
  const dot = signed.indexOf('.');
  const header = decoded(signed.slice(0, Math.max(0, dot)));
  const issuer = first(ISSUER, decoded(signed.slice(dot + 1)));
  return JSON.stringify([first(ALGORITHM, header), first(KEY_ID, header), issuer]);
}
