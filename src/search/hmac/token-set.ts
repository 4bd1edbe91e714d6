import { createHash } from 'node:crypto';
import { partitionPoint } from '../../base/bytes/binary-search.js';
import type { Sha2 } from '../../base/crypto/sha2.js';
import { SHA2 } from '../../base/crypto/sha2.js';
import { tokenGroup } from '../../base/crypto/token-group.js';
import type { SignedToken } from '../core/types.js';
import { blocksOf, sha2Of } from './mac-kernel.js';

/** A token that keys are tried on. */
export interface TriedToken {
  readonly token: SignedToken;
  readonly hash: Sha2;
  /** Work of one trial: {@link UNITS}. */
  readonly units: number;
  /** Algorithm, key and issuer. */
  readonly group: string;
}

/** Units of work for one block, by hash: a unit is a block of SHA-256. */
export const UNITS: Readonly<Record<Sha2, number>> = { sha256: 1, sha384: 4, sha512: 4 };

/** Bytes of a compact JWT after what is signed, in base64url and with its dot. */
const signatureLength = (octets: number): number => 1 + Math.ceil((octets * 4) / 3);

/** A place of a token. */
interface Place {
  from: number;
  to: number;
  token: TriedToken;
}

/**
 * Distinct tokens in the order of trial: one of each group, then all others, each by their digest, which is a
 * spread of their places. Tokens whose key is known leave the set.
 */
export class TokenSet {
  readonly #open: Set<TriedToken>;
  readonly #groups = new Map<string, TriedToken[]>();
  /** By offset. */
  readonly #places: readonly Place[];

  constructor(tokens: readonly SignedToken[]) {
    const ordered = inOrder(tokens);
    this.#open = new Set(ordered);
    for (const token of ordered) {
      const group = this.#groups.get(token.group);
      if (group) group.push(token);
      else this.#groups.set(token.group, [token]);
    }
    this.#places = ordered.flatMap(placesOf).sort((a, b) => a.from - b.from);
  }

  get size(): number {
    return this.#open.size;
  }

  get places(): number {
    return this.#places.length;
  }

  isOpen(token: TriedToken): boolean {
    return this.#open.has(token);
  }

  /** The key of the token is known. */
  settle(token: TriedToken): void {
    this.#open.delete(token);
  }

  /** Open tokens in the order of trial. */
  open(): TriedToken[] {
    return [...this.#open];
  }

  /** Open tokens of a group. */
  openIn(group: string): TriedToken[] {
    return (this.#groups.get(group) ?? []).filter((token) => this.#open.has(token));
  }

  /** Index of the first place that begins at or after an offset. */
  #after(offset: number): number {
    return partitionPoint(this.#places.length, (i) => this.#places[i]!.from < offset);
  }

  /** True if a candidate lies in a token: a part of a token is no key. */
  covers(offset: number, length: number): boolean {
    const place = this.#places[this.#after(offset + 1) - 1];
    return place !== undefined && offset + length <= place.to;
  }

  /** Open tokens with a place that begins in [from, to), those nearest to the middle first. */
  near(from: number, to: number): TriedToken[] {
    const middle = (from + to) / 2;
    const places = this.#places.slice(this.#after(from), this.#after(to));
    places.sort((a, b) => Math.abs(a.from - middle) - Math.abs(b.from - middle) || a.from - b.from);
    return [...new Set(places.map(({ token }) => token))].filter((token) => this.#open.has(token));
  }

  /** Places that begin in [from, to). */
  begunIn(from: number, to: number): number {
    return this.#after(to) - this.#after(from);
  }

  /** True if a token begins within `reach` of an offset. */
  isNear(offset: number, reach: number): boolean {
    const place = this.#places[this.#after(offset - reach)];
    return place !== undefined && place.from <= offset + reach;
  }

  /** Merged ranges within `reach` of the open tokens, ascending. */
  *stretches(reach: number): Generator<{ from: number; to: number }> {
    let [from, to] = [-1, -1];
    for (const place of this.#places) {
      if (!this.#open.has(place.token)) continue;
      const start = Math.max(0, place.from - reach);
      if (start > to) {
        if (to > from) yield { from, to };
        from = start;
      }
      to = Math.max(to, place.from + reach);
    }
    if (to > from) yield { from, to };
  }

  /** Units of one trial on every open token. */
  units(): number {
    let sum = 0;
    for (const { units } of this.#open) sum += units;
    return sum;
  }
}

function placesOf(each: TriedToken): Place[] {
  const { offset, others = [], length, signed, signature } = each.token;
  const bytes = length ?? signed.length + signatureLength(signature.length);
  return [offset, ...others].map((from) => ({ from, to: from + bytes, token: each }));
}

function inOrder(tokens: readonly SignedToken[]): TriedToken[] {
  const distinct = new Map<string, TriedToken>();
  for (const token of tokens) {
    const hash = sha2Of(token);
    if (hash === undefined || token.signature.length !== SHA2[hash].digest) continue;
    const { signed } = token;
    const id = createHash('sha256').update(signed).update(token.signature).digest('hex');
    if (distinct.has(id)) continue;
    const units = blocksOf(hash, signed.length) * UNITS[hash];
    const group = `${hash} ${tokenGroup(Buffer.from(signed).toString('latin1'))}`;
    distinct.set(id, { token, hash, units, group });
  }
  const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, token]) => token);
  const seen = new Set<string>();
  const firsts = new Set(sorted.filter(({ group }) => !seen.has(group) && seen.add(group)));
  return [...firsts, ...sorted.filter((token) => !firsts.has(token))];
}
