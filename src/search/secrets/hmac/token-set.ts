import { createHash } from 'node:crypto';
import { lowerBound, partitionPoint } from '../../../core/base/bytes/binary-search.js';
import { SHA2, type Sha2 } from '../../../core/base/crypto/sha2.js';
import { tokenGroup } from '../../../core/base/crypto/token-group.js';
import { finish, Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { SignedToken } from '../../core/types.js';
import { blocksOf, sha2Of } from './mac-kernel.js';

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

  constructor(
    tokens: readonly SignedToken[],
    ordered = finish(inOrder(tokens)),
    places = finish(TokenPlaces.begin(ordered)),
  ) {
    this.#ordered = ordered;
    this.places = places;
    for (const token of ordered) {
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

/** Bytes of a compact JWT after what is signed, in base64url and with its dot. */
const signatureLength = (octets: number): number => 1 + Math.ceil((octets * 4) / 3);

const lengthOf = ({ length, signed, signature }: SignedToken): number =>
  length ?? signed.length + signatureLength(signature.length);

/** Places between two pauses. */
const TOKEN_PLACES_PACE = 4096;

/** All places of tokens, in the order of the file. */
class TokenPlaces<T extends { token: SignedToken }> {
  readonly #from: Float64Array;
  readonly #lengths: Uint32Array;
  /** Indices of their tokens. */
  readonly #owners: Uint32Array;
  readonly #tokens: readonly T[];

  private constructor(tokens: readonly T[], from: Float64Array, owners: Uint32Array, lengths: Uint32Array) {
    this.#tokens = tokens;
    this.#from = from;
    this.#owners = owners;
    this.#lengths = lengths;
  }

  /** Pauses, since there may be 100,000 tokens. */
  static *begin<T extends { token: SignedToken }>(tokens: readonly T[]): Pausing<never, TokenPlaces<T>> {
    const pace = new Pace(TOKEN_PLACES_PACE);
    const offsets: number[] = [];
    const owned: number[] = [];
    for (const [i, { token }] of tokens.entries()) {
      if (pace.isDue()) yield;
      offsets.push(token.offset, ...(token.others ?? []));
      while (owned.length < offsets.length) owned.push(i);
    }
    // Numbers are sorted in a tenth of the time of what has a comparator.
    const from = Float64Array.from(offsets).sort();
    yield;
    const owners = new Uint32Array(offsets.length);
    const lengths = new Uint32Array(offsets.length);
    const isTaken = new Uint8Array(offsets.length);
    for (const [i, offset] of offsets.entries()) {
      if (pace.isDue()) yield;
      let at = lowerBound(from, offset);
      while (isTaken[at] === 1) at++;
      isTaken[at] = 1;
      owners[at] = owned[i]!;
      lengths[at] = lengthOf(tokens[owned[i]!]!.token);
    }
    return new TokenPlaces(tokens, from, owners, lengths);
  }

  get count(): number {
    return this.#from.length;
  }

  /** Index of the first place that begins at or after an offset. */
  #after(offset: number): number {
    return partitionPoint(this.count, (i) => this.#from[i]! < offset);
  }

  /** True if a text lies in a token: a part of a token is no key. */
  covers(offset: number, length: number): boolean {
    const at = this.#after(offset + 1) - 1;
    return at >= 0 && offset + length <= this.#from[at]! + this.#lengths[at]!;
  }

  /** Places that begin in [from, to). */
  countIn(from: number, to: number): number {
    return this.#after(to) - this.#after(from);
  }

  /** Tokens with a place that begins in [from, to), those nearest to the middle first. */
  between(from: number, to: number): T[] {
    const middle = (from + to) / 2;
    const [first, last] = [this.#after(from), this.#after(to)];
    const distance = (i: number): number => Math.abs(this.#from[i]! - middle);
    const indices = Array.from({ length: last - first }, (_, i) => first + i);
    indices.sort((a, b) => distance(a) - distance(b) || a - b);
    return [...new Set(indices.map((i) => this.#tokens[this.#owners[i]!]!))];
  }

  /** True if a token begins within `reach` of an offset. */
  isNear(offset: number, reach: number): boolean {
    const at = this.#after(offset - reach);
    return at < this.count && this.#from[at]! <= offset + reach;
  }

  /** Merged ranges within `reach` of tokens, ascending. */
  *stretches(reach: number): Generator<{ from: number; to: number }> {
    let [from, to] = [0, -1];
    for (const offset of this.#from) {
      const start = Math.max(0, offset - reach);
      if (start > to) {
        if (to > from) yield { from, to };
        from = start;
      }
      to = offset + reach;
    }
    if (to > from) yield { from, to };
  }
}
