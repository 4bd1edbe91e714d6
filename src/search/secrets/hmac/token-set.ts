import { createHash } from 'node:crypto';
import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';
import { tokenGroup } from '../../../core/base/crypto/token-group.js';
import { finish, Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { SignedToken } from '../../core/types.js';
import { blocksOf, sha2Of } from './mac-kernel.js';
import { TokenPlaces } from './token-places.js';

/** A token that keys are tried on. */
export interface TriedToken {
  readonly token: SignedToken;
  readonly hash: Sha2;
  /** Work of one trial: {@link UNITS}. */
  readonly units: number;
  /** The same object for tokens with one algorithm, key and issuer. */
  readonly group: object;
}

/** Tokens that are read between two pauses. */
const PACE = 256;

/** Units of work for one block, by hash: a unit is a block of SHA-256. */
export const UNITS: Readonly<Record<Sha2, number>> = { sha256: 1, sha384: 4, sha512: 4 };

/**
 * Distinct tokens in the order of trial: one of each group, then all others, each by their digest, which is a
 * spread of their places. Tokens whose key is known leave the set.
 */
export class TokenSet {
  readonly places: TokenPlaces<TriedToken>;
  readonly #ordered: readonly TriedToken[];
  /** Fewer than the open ones, which may be 100,000. */
  readonly #settled = new Set<TriedToken>();
  readonly #groups = new Map<object, TriedToken[]>();
  /** Units of one trial on every open token. */
  #units = 0;

  constructor(
    tokens: readonly SignedToken[],
    ordered = finish(inOrder(tokens)),
    places = finish(TokenPlaces.begin(ordered)),
  ) {
    this.#ordered = ordered;
    this.places = places;
    for (const token of ordered) {
      this.#units += token.units;
      const group = this.#groups.get(token.group);
      if (group) group.push(token);
      else this.#groups.set(token.group, [token]);
    }
  }

  /** A new set, with pauses: there may be 100,000 tokens. */
  static *begin(tokens: readonly SignedToken[]): Pausing<never, TokenSet> {
    const ordered = yield* inOrder(tokens);
    yield;
    const places = yield* TokenPlaces.begin(ordered);
    yield;
    return new TokenSet(tokens, ordered, places);
  }

  get size(): number {
    return this.#ordered.length - this.#settled.size;
  }

  isOpen(token: TriedToken): boolean {
    return !this.#settled.has(token);
  }

  /** The key of the token is known. */
  settle(token: TriedToken): void {
    if (this.#settled.has(token)) return;
    this.#settled.add(token);
    this.#units -= token.units;
  }

  /** Open tokens in the order of trial. */
  open(): TriedToken[] {
    return this.#ordered.filter((token) => this.isOpen(token));
  }

  /** Open tokens of a group. */
  openIn(group: object): TriedToken[] {
    return (this.#groups.get(group) ?? []).filter((token) => this.isOpen(token));
  }

  /** Open tokens with a place that begins in [from, to), those nearest to the middle first. */
  near(from: number, to: number): TriedToken[] {
    return this.places.between(from, to).filter((token) => this.isOpen(token));
  }

  /** Units of one trial on every open token. */
  units(): number {
    return this.#units;
  }
}

function* inOrder(tokens: readonly SignedToken[]): Pausing<never, TriedToken[]> {
  const pace = new Pace(PACE);
  const groups = new Map<string, object>();
  const groupOf = ({ signed }: SignedToken): object => {
    const name = tokenGroup(Buffer.from(signed).toString('latin1'));
    const group = groups.get(name) ?? {};
    groups.set(name, group);
    return group;
  };
  const digests = new Map<SignedToken, string>();
  const digestOf = ({ token }: TriedToken): string => token.digest ?? digests.get(token)!;
  const all: TriedToken[] = [];
  for (const token of tokens) {
    if (pace.isDue()) yield;
    const hash = sha2Of(token);
    // Both may be decoded each time that they are read.
    const { signed, signature } = token;
    if (hash === undefined || signature.length !== SHA2[hash].digest) continue;
    if (token.digest === undefined)
      digests.set(token, createHash('sha256').update(signed).update(signature).digest('binary'));
    const units = blocksOf(hash, signed.length) * UNITS[hash];
    all.push({ token, hash, units, group: token.group ?? groupOf(token) });
  }
  // Sorting is stable: of equal tokens the first is kept.
  yield;
  all.sort((a, b) => (digestOf(a) < digestOf(b) ? -1 : digestOf(a) > digestOf(b) ? 1 : 0));
  yield;
  const seen = new Set<object>();
  const [firsts, others]: [TriedToken[], TriedToken[]] = [[], []];
  let last: string | undefined;
  for (const tried of all) {
    const digest = digestOf(tried);
    if (digest === last) continue;
    last = digest;
    (seen.has(tried.group) ? others : firsts).push(tried);
    seen.add(tried.group);
  }
  return [...firsts, ...others];
}
