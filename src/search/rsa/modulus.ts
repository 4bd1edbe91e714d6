import { upperBound } from '../../core/base/bytes/binary-search.js';
import { unionOf } from '../../core/base/bytes/intervals.js';
import type { LimitTarget } from '../../core/limits/limit.js';
import { PRIME_WORDS } from '../../sweep/runs/extractor.js';
import type { Foreign } from '../core/foreign.js';
import { sightings } from '../core/known-integers.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { SearchContext } from '../core/search-context.js';
import { distinctTargets, targetOfKey } from '../core/skipped-work.js';

/**
 * Sizes in words of bare numbers taken as moduli; below 1,024 bits they collide with numbers of every
 * elliptic curve.
 */
export const MODULUS_SIZES: readonly number[] = PRIME_WORDS.map((words) => words * 2).filter(
  (words) => words >= 16,
);

/** A modulus known from a certificate, a public key, a text or a --find target. */
export interface Modulus {
  n: bigint;
  e: bigint;
  /** Nothing states e; it is the common one. */
  assumed?: true;
  /** 64-bit words of n. */
  words: number;
  /** A --find target asks for the private key. */
  isTarget: boolean;
  /** The target holds the private key, and copies of it are searched for. */
  isTargetHeld?: boolean;
  /** Set if all public keys with it may be foreign (core/foreign.ts). */
  foreign?: readonly Foreign[];
  /** Found as a bare number, as a library computes with it, and not only inside its certificate. */
  bare: boolean;
  /**
   * Not searched any more: its private key is found, or it belongs to a public root. Its places are public
   * all the same.
   */
  solved: boolean;
}

/** A place of a modulus in the file. */
export interface ModulusPlace {
  modulus: Modulus;
  offset: number;
  length: number;
}

/**
 * False if only a text gave the modulus: it may be a prime or an exponent as well, since p, q and dp all pass
 * for one.
 */
export const isConfirmed = ({ modulus }: ModulusPlace): boolean => !modulus.assumed;

/** What a search for the private key of a modulus is for; a text that may be a modulus names no key. */
export const targetOf = ({ assumed, ...modulus }: Modulus): LimitTarget =>
  assumed && !modulus.isTarget ? 'blind' : targetOfKey(modulus);

/** What a search for the private keys of some moduli is for. */
export function targetsOf(moduli: readonly Modulus[]): LimitTarget[] {
  return distinctTargets(moduli.filter(({ solved }) => !solved).map(targetOf));
}

/** Moduli of one size. */
export interface Family {
  /** 64-bit words of a modulus, and of a prime of it. */
  words: number;
  half: number;
  moduli: readonly Modulus[];
}

/** Moduli that are searched together. */
export const MAX_MODULI = 2048;

/** The first {@link MAX_MODULI}: targets, then moduli that are not solved, those that may be foreign last. */
export const likeliest = (moduli: readonly Modulus[]): Modulus[] =>
  [...moduli]
    .sort(
      (a, b) =>
        Number(b.isTarget) - Number(a.isTarget) ||
        Number(a.solved) - Number(b.solved) ||
        Number(a.foreign !== undefined) - Number(b.foreign !== undefined),
    )
    .slice(0, MAX_MODULI);

/** All of them in that order, as many at once as are searched together. */
export function* batchesOf(moduli: readonly Modulus[]): Generator<Modulus[]> {
  let rest = [...moduli];
  while (rest.length > 0) {
    const batch = likeliest(rest);
    const done = new Set(batch);
    rest = rest.filter((modulus) => !done.has(modulus));
    yield batch;
  }
}

/** Families by ascending size; in each, targets come first, then bare moduli. */
export function familiesOf(moduli: readonly Modulus[]): Family[] {
  return [...groupBy(moduli, ({ words }) => words)]
    .sort(([a], [b]) => a - b)
    .map(([words, all]) => ({
      words,
      half: Math.ceil(words / 2),
      moduli: all.sort((a, b) => Number(b.isTarget) - Number(a.isTarget) || Number(b.bare) - Number(a.bare)),
    }));
}

/** A union of file extents, as disjoint ascending intervals. */
export class PlaceSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(extents: Iterable<{ offset: number; length: number }>) {
    for (const { offset, length } of unionOf(extents)) {
      this.#starts.push(offset);
      this.#ends.push(offset + length);
    }
  }

  get count(): number {
    return this.#starts.length;
  }

  /** True if an interval shares a byte with [from, to). */
  overlaps(from: number, to: number): boolean {
    const first = upperBound(this.#ends, from);
    return first < this.#starts.length && this.#starts[first]! < to;
  }
}

/** Shortest run that can hold a window comparable with a modulus: eight words, less one at either edge. */
const MIN_RUN_WORDS = 6;

/**
 * All places of the moduli in the runs, at any byte, ascending: they are public and no part of a private key.
 * Marks moduli that are bare numbers, whose private keys are likely to be present. A modulus inside a
 * certificate only can be that of any server.
 */
export function locateModuli(moduli: readonly Modulus[], context: SearchContext): ModulusPlace[] {
  const wanted = moduli.map((modulus) => ({ value: modulus.n, label: modulus, target: targetOf(modulus) }));
  const where = { step: 1, least: MIN_RUN_WORDS } as const;
  const places: ModulusPlace[] = [];
  for (const { label, offset, length } of sightings(wanted, context, where)) {
    places.push({ modulus: label, offset, length });
    label.bare ||= !isInDer(offset, context.bytes);
  }
  return places.sort((a, b) => a.offset - b.offset);
}

/** True if the header of a DER INTEGER with a sign octet (X.690, 8.3) precedes the number. */
function isInDer(offset: number, bytes: RunBytes): boolean {
  if (offset < 5) return false;
  // 02 82 hh ll 00, 02 81 ll 00 or 02 ll 00.
  const header = bytes.read(offset - 5, 5);
  return header[4] === 0 && header.subarray(0, 3).includes(0x02);
}

/** Items by key, in the order in which they come. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
