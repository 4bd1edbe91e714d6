import { toBytes } from '../integers.js';
import type { RsaMaterial } from '../keys.js';
import { Secret } from '../secret.js';
import type { WindowColumns } from './columns.js';
import type { Edges } from './edges.js';
import type { Effort } from './effort.js';
import type { Family, KnownPlaces, Modulus } from './modulus.js';
import type { RunBytes } from './run-bytes.js';
import type { Place } from './types.js';

/** A whole key from one part of it. */
export interface FragmentFound extends Place {
  modulus: Modulus;
  material: RsaMaterial;
  /** The part that stands there. */
  part: string;
}

/** What a search for one kind of part works on. */
export interface FamilySearch {
  family: Family;
  /** WindowColumns at the edges of runs, of so many words. */
  edges(words: number): Edges;
  /** Which of them are tried: those that fill their run, the others, or all. */
  chosen: 'own' | 'others' | 'all';
  /** WindowColumns of the runs that may be primes, by words. */
  windows: ReadonlyMap<number, WindowColumns>;
  bytes: RunBytes;
  known: KnownPlaces;
  effort: Effort;
  /** Tells what the search did not come to: `count` numbers between two file offsets. */
  leave(search: string, what: string, count: number, from: number, to: number): void;
}

/** Indices [first, end) of the windows that a search tries. */
export function chosenOf(parts: Edges, chosen: FamilySearch['chosen']): [first: number, end: number] {
  return [chosen === 'others' ? parts.own : 0, chosen === 'own' ? parts.own : parts.length];
}

/** Parts that are found by e, and so bear it out. */
const WITH_E: ReadonlySet<string> = new Set(['d', 'dp or dq']);

/** One prime under its name: p is the larger one, as where both are here. */
function primeOf({ n }: Modulus, prime: bigint): { p: Secret } | { q: Secret } {
  const secret = new Secret(toBytes(prime));
  return prime > n / prime ? { p: secret } : { q: secret };
}

/** An assumed e that nothing bears out is left to the proof, which tells that it is assumed. */
export function fragment(
  modulus: Modulus,
  part: string,
  { offset, length, reading }: Place,
  known: { p: bigint } | { d: bigint },
): FragmentFound {
  const secrets = 'p' in known ? primeOf(modulus, known.p) : { d: new Secret(toBytes(known.d)) };
  const e = modulus.assumed && !WITH_E.has(part) ? {} : { e: toBytes(modulus.e) };
  const material: RsaMaterial = { type: 'rsa', n: toBytes(modulus.n), ...e, ...secrets };
  return { modulus, material, part, offset, length, reading };
}
