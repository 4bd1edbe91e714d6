import { createHash } from 'node:crypto';
import type { Secret } from '../../core/base/crypto/secret.js';
import { tokenGroup } from '../../core/base/crypto/token-group.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { finish, Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { Extent, TokenFacts } from '../../core/model/report.js';
import { type Jwt, readJwt } from './jwt.js';

/** Tokens of one artifact, and their characters. */
const MOST = { tokens: 1 << 17, characters: 32 << 20 };
/** Tokens beyond the bounds that may gather before they are dropped. */
const SLACK = 1 / 8;
/**
 * Offsets of further copies of a token, around which texts are read as its secret. A heap has hundreds of
 * copies of one token: around more of them there is hardly another text.
 */
const MOST_COPIES = 7;

/** Tokens with one algorithm, key and issuer. */
interface TokenGroup {
  /** The lowest of its tokens that are kept. */
  digest: string;
}

/** A distinct JWT of the artifact. One object serves the store and the searches: there may be 100,000. */
export class StoredToken {
  readonly jwt: Jwt;
  readonly group: TokenGroup;
  /** Digest of the text: a number to order tokens by, which says nothing of their places. */
  readonly digest: string;
  /** Lowest offset, and bytes there. */
  offset: number;
  readonly length: number;
  others: number[] | undefined;

  constructor(jwt: Jwt, group: TokenGroup, digest: string, { offset, length }: Extent) {
    this.jwt = jwt;
    this.group = group;
    this.digest = digest;
    this.offset = offset;
    this.length = length;
    this.others = undefined;
  }

  /** Name of the hash, as node:crypto has it; empty if the algorithm has its own. */
  get hash(): string {
    const { algorithm } = this.jwt;
    return 'hash' in algorithm ? algorithm.hash : '';
  }

  /** OpenSSL's name of the curve; empty if the signature is no ECDSA signature. */
  get curve(): string {
    const { algorithm } = this.jwt;
    return algorithm.type === 'ec' ? algorithm.curve : '';
  }

  /** Header, dot and payload, made when they are read. */
  get signed(): Buffer {
    return Buffer.from(this.jwt.signed, 'latin1');
  }

  get signature(): Buffer {
    return this.jwt.signature;
  }
}

/** Tokens between two pauses. */
const PACE = 4096;

const EMPTY: readonly number[] = [];

/**
 * The JWTs of one artifact. With more than fit, one of each group (algorithm, key and issuer) is kept first,
 * and then those with the lowest digests: a spread of their places, whatever their order.
 */
export class TokenStore {
  readonly #byDigest = new Map<string, StoredToken>();
  /** Groups by algorithm, key and issuer. */
  readonly #groups = new Map<string, TokenGroup>();
  readonly #most: { tokens: number; characters: number };
  #characters = 0;
  /** Digests from which on tokens are dropped: those that are the first of their group, and all others. */
  #bounds: { first: string | undefined; other: string | undefined } = { first: undefined, other: undefined };
  /** Until the next token. */
  #ordered: readonly StoredToken[] | undefined;
  #dropped = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** `place`: where the token lies in the file. */
  add({ offset, length }: Extent, text: Secret): void {
    this.#ordered = undefined;
    const digest = createHash('sha256').update(text.reveal()).digest('binary');
    const known = this.#byDigest.get(digest);
    if (known) {
      addCopy(known, offset);
      return;
    }
    const isDropped = exceeds(this.#bounds.first, digest);
    const jwt = isDropped ? undefined : readJwt(text);
    if (isDropped) this.#dropped++;
    if (isDropped || jwt !== undefined) this.#widen(offset, length);
    if (jwt === undefined) return;
    const name = tokenGroup(jwt.signed);
    const first = this.#groups.get(name)?.digest;
    const isFirst = first === undefined || digest < first;
    if (!isFirst && exceeds(this.#bounds.other, digest)) {
      this.#dropped++;
      return;
    }
    const group = this.#groups.get(name) ?? { digest };
    this.#groups.set(name, group);
    this.#byDigest.set(digest, new StoredToken(jwt, group, digest, { offset, length }));
    this.#characters += jwt.length;
    if (isFirst) {
      group.digest = digest;
      // The former first one is now one of the others.
      if (first !== undefined && exceeds(this.#bounds.other, first)) this.#remove(first);
    }
    const { tokens, characters } = this.#most;
    if (this.#byDigest.size > tokens * (1 + SLACK) || this.#characters > characters * (1 + SLACK))
      this.#evict();
  }

  #widen(offset: number, length: number): void {
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + length);
  }

  /** Tokens that are not kept. */
  get dropped(): number {
    this.#evict();
    return this.#dropped;
  }

  /** Range of the file in which tokens lie, dropped ones too. */
  get extent(): Extent {
    return { offset: this.#from, length: this.#to - this.#from };
  }

  get isEmpty(): boolean {
    return this.#byDigest.size === 0;
  }

  /** True if a token is kept of which it holds. */
  some(holds: (token: StoredToken) => boolean): boolean {
    for (const token of this.#byDigest.values()) if (holds(token)) return true;
    return false;
  }

  /** One of each group, then all others, each by their digest. */
  inOrder(): readonly StoredToken[] {
    this.#ordered ??= finish(this.#ordering());
    return this.#ordered;
  }

  /** Puts the tokens in order, with pauses, in which none may be added: {@link inOrder} is fast then. */
  *order(): Pausing<never> {
    this.#ordered ??= yield* this.#ordering();
  }

  *#ordering(): Pausing<never, StoredToken[]> {
    if (this.#isFull()) this.#evictBehind(yield* this.#sorted());
    yield;
    return yield* this.#sorted();
  }

  *#sorted(): Pausing<never, StoredToken[]> {
    const [firsts, others]: [StoredToken[], StoredToken[]] = [[], []];
    const pace = new Pace(PACE);
    for (const token of yield* byDigest([...this.#byDigest.values()])) {
      if (pace.isDue()) yield;
      (isFirst(token) ? firsts : others).push(token);
    }
    for (const token of others) firsts.push(token);
    return firsts;
  }

  #isFull(): boolean {
    const { tokens, characters } = this.#most;
    return this.#byDigest.size > tokens || this.#characters > characters;
  }

  /** Drops the last ones in order until the rest is within the bounds. */
  #evict(): void {
    if (this.#isFull()) this.#evictBehind(finish(this.#sorted()));
  }

  #evictBehind(sorted: readonly StoredToken[]): void {
    const most = this.#most;
    let [count, characters] = [0, 0];
    for (const token of sorted) {
      const { jwt, digest } = token;
      if (count < most.tokens && characters + jwt.length <= most.characters) {
        count++;
        characters += jwt.length;
        continue;
      }
      // The rest is dropped, and so is everything behind it in order.
      if (isFirst(token)) this.#bounds.first = lower(this.#bounds.first, digest);
      this.#bounds.other = isFirst(token) ? '' : lower(this.#bounds.other, digest);
      [count, characters] = [most.tokens, most.characters];
      this.#remove(digest);
    }
    const kept = new Set([...this.#byDigest.values()].map(({ group }) => group));
    for (const [name, group] of this.#groups) if (!kept.has(group)) this.#groups.delete(name);
  }

  #remove(digest: string): void {
    this.#characters -= this.#byDigest.get(digest)?.jwt.length ?? 0;
    if (this.#byDigest.delete(digest)) this.#dropped++;
  }
}

/**
 * By their digests, of which the first 32 bits tell almost all apart: numbers are sorted in a tenth of the
 * time of what has a comparator.
 */
function* byDigest(tokens: readonly StoredToken[]): Pausing<never, StoredToken[]> {
  const pace = new Pace(PACE);
  const rows = 2 ** Math.ceil(Math.log2(tokens.length + 1));
  const order = new Float64Array(tokens.length);
  for (const [i, { digest }] of tokens.entries()) {
    if (pace.isDue()) yield;
    order[i] = prefixOf(digest) * rows + i;
  }
  order.sort();
  yield;
  const sorted: StoredToken[] = [];
  for (const each of order) {
    if (pace.isDue()) yield;
    const token = tokens[each % rows]!;
    let at = sorted.push(token) - 1;
    for (; at > 0 && token.digest < sorted[at - 1]!.digest; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = token;
  }
  return sorted;
}

/** The first 32 bits of a digest, one character a byte. */
function prefixOf(digest: string): number {
  let prefix = 0;
  for (let i = 0; i < 4; i++) prefix = prefix * 256 + digest.charCodeAt(i);
  return prefix;
}

const exceeds = (bound: string | undefined, digest: string): boolean =>
  bound !== undefined && digest >= bound;

const isFirst = ({ group, digest }: StoredToken): boolean => group.digest === digest;

const lower = (a: string | undefined, b: string): string => (a === undefined || b < a ? b : a);

function addCopy(token: StoredToken, offset: number): void {
  const all = new Set([token.offset, ...(token.others ?? EMPTY), offset]);
  const [lowest = offset, ...others] = [...all].sort((a, b) => a - b);
  token.offset = lowest;
  token.others = others.length === 0 ? undefined : others.slice(0, MOST_COPIES);
}

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
