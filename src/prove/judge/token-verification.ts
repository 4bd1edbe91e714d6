import type { KeyObject } from 'node:crypto';
import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import { canVerify, isPublishedJwt, type Jwt, type MacKey, verifies } from './jwt.js';
import type { StoredToken } from './token-store.js';

/**
 * Work of one artifact: a MAC is one unit of about 2 us, a signature 25. A key gets a part of what is left,
 * so that the first of a flood of keys do not use it up.
 */
export const UNITS = 1_250_000;
export const SIGNATURE = 25;
const PART = 1 / 16;
const LEAST = 10_000;
/** Units between two pauses. */
const PACE = 500;
/**
 * Tokens that are listed of a key. Only the rest of a group is tried for it, which verifies as a rule: to try
 * all foreign tokens would spend the budget.
 */
const LISTED = 64;
/** Tokens next to the key that are tried first, on either side. */
const NEAREST = 8;

/** Tokens that one kind of key may verify. */
interface Kind {
  /** One of each group first, then a spread. */
  ordered: readonly StoredToken[];
  byOffset: readonly StoredToken[];
  groups: ReadonlyMap<StoredToken['group'], readonly StoredToken[]>;
}

const kindOf = ({ algorithm }: Jwt): string => (algorithm.type === 'ec' ? algorithm.curve : algorithm.type);

/** Tokens that verify. Published ones do not show that a key is in use: they must not fill the list. */
interface Found {
  own: StoredToken[];
  published: StoredToken[];
}

/** A verification that was not made. */
export type OnSkipped = (skipped: { tokens: number; from: number; to: number }) => void;

/** Verifications of the tokens of one artifact, within a budget of work. */
export class TokenVerification {
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #skipped: OnSkipped;
  readonly #pace = new Pace(PACE);
  #left: number;

  /** `tokens`: in the order of trial. */
  constructor(tokens: readonly StoredToken[], skipped: OnSkipped, units = UNITS) {
    this.#left = units;
    this.#kinds = byKind(tokens);
    this.#skipped = skipped;
  }

  /**
   * Tokens that verify under the key. Tried in this order, until there are `most`: those next to `near`, one
   * of each group, then all others; after one that verifies, the rest of its group, up to {@link LISTED}.
   */
  *verified(key: KeyObject | MacKey, most: number, near?: number): Pausing<never, StoredToken[]> {
    const found: Found = { own: [], published: [] };
    for (const kind of this.#kinds.values()) {
      const [sample] = kind.ordered;
      if (sample !== undefined && canVerify(sample.jwt, key))
        yield* this.#among(kind, key, most, near, found);
    }
    return [...found.own, ...found.published].slice(0, Math.max(most, LISTED));
  }

  /** No work is left: further tokens are reported as skipped. */
  stop(): void {
    this.#left = 0;
  }

  *#among(
    kind: Kind,
    key: KeyObject | MacKey,
    most: number,
    near: number | undefined,
    found: Found,
  ): Pausing<never> {
    const cost = kind.ordered[0]!.jwt.algorithm.type === 'oct' ? 1 : SIGNATURE;
    let spare = Math.min(this.#left, Math.max(LEAST, this.#left * PART));
    const seen = new Set<StoredToken>();
    const holds = (token: StoredToken, enough: number): boolean => {
      if (seen.has(token) || spare < cost || found.own.length >= enough) return false;
      seen.add(token);
      spare -= cost;
      this.#left -= cost;
      if (!verifies(token.jwt, key)) return false;
      (isPublishedJwt(token.jwt) ? found.published : found.own).push(token);
      return true;
    };
    for (const order of [near === undefined ? [] : nearest(kind.byOffset, near), kind.ordered])
      for (const token of order) {
        if (spare < cost || found.own.length >= most) break;
        if (this.#pace.isDue(cost)) yield;
        if (!holds(token, most)) continue;
        for (const other of kind.groups.get(token.group) ?? []) {
          holds(other, Math.max(most, LISTED));
          if (this.#pace.isDue(cost)) yield;
        }
      }
    const rest = kind.ordered.length - seen.size;
    if (rest === 0 || found.own.length >= most) return;
    const [first, last] = [kind.byOffset[0]!, kind.byOffset.at(-1)!];
    this.#skipped({ tokens: rest, from: first.offset, to: last.offset + last.length });
  }
}

function byKind(tokens: readonly StoredToken[]): Map<string, Kind> {
  const all = new Map<string, StoredToken[]>();
  for (const token of tokens) addTo(all, kindOf(token.jwt), token);
  return new Map([...all].map(([kind, ordered]) => [kind, kindFrom(ordered)]));
}

function kindFrom(ordered: readonly StoredToken[]): Kind {
  const groups = new Map<StoredToken['group'], StoredToken[]>();
  for (const token of ordered) addTo(groups, token.group, token);
  return { ordered, byOffset: [...ordered].sort((a, b) => a.offset - b.offset), groups };
}

function addTo<K, T>(lists: Map<K, T[]>, key: K, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Tokens on either side of an offset, the nearest first. */
function nearest(byOffset: readonly StoredToken[], near: number): StoredToken[] {
  const at = partitionPoint(byOffset.length, (i) => byOffset[i]!.offset < near);
  const distance = ({ offset }: StoredToken): number => Math.abs(offset - near);
  return byOffset
    .slice(Math.max(0, at - NEAREST), at + NEAREST)
    .sort((a, b) => distance(a) - distance(b) || a.offset - b.offset);
}
