import { toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import type { WindowColumns } from '../core/columns.js';
import type { Effort } from '../core/effort.js';
import type { Kernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { Place } from '../core/types.js';
import type { Family, KnownPlaces, Modulus } from './modulus.js';
import type { RunEdgeWindows } from './run-edge-windows.js';

/** A whole key from one part of it. */
export interface FragmentFound extends Place {
  modulus: Modulus;
  material: RsaMaterial;
  /** The part that stands there, by the name of its prime. */
  part: string;
  /** Bytes of it that are not there any more, and where: they were computed. */
  lost?: { bytes: number; end: 'first' | 'last' | 'middle' };
}

/** What a search for one kind of part works on. */
export interface FamilySearch {
  family: Family;
  /** WindowColumns at the edges of runs, of so many words. */
  edges(words: number): RunEdgeWindows;
  /** Which of them are tried: those that fill their run, the others, or all. */
  chosen: 'own' | 'others' | 'all';
  /** WindowColumns of the runs that may be primes, by words. */
  windows: ReadonlyMap<number, WindowColumns>;
  kernel: Kernel;
  bytes: RunBytes;
  known: KnownPlaces;
  effort: Effort;
  /** Tells what the search did not come to: `count` numbers between two file offsets. */
  leave(search: string, what: string, count: number, from: number, to: number): void;
}

/** Indices [first, end) of the windows that a search tries. */
export function chosenOf(
  parts: RunEdgeWindows,
  chosen: FamilySearch['chosen'],
): [first: number, end: number] {
  return [chosen === 'others' ? parts.own : 0, chosen === 'own' ? parts.own : parts.length];
}

/** Parts that are found by e, and so bear it out. */
const WITH_E: ReadonlySet<string> = new Set(['d', 'dp']);

/**
 * `part`: in terms of p, whichever of the primes it is made of; p is the larger one, as where both are here. An assumed e that
 * nothing bears out is left to the proof, which tells that it is assumed.
 */
export function fragment(
  modulus: Modulus,
  part: string,
  { offset, length, reading }: Place,
  known: { p: bigint } | { d: bigint },
): FragmentFound {
  const [name, value] =
    'd' in known ? (['d', known.d] as const) : ([primeName(modulus, known.p), known.p] as const);
  const e = modulus.assumed && !WITH_E.has(part) ? {} : { e: toBytes(modulus.e) };
  const material: RsaMaterial = {
    type: 'rsa',
    n: toBytes(modulus.n),
    ...e,
    [name]: new Secret(toBytes(value)),
  };
  return { modulus, material, part: name === 'q' ? part.replace('p', 'q') : part, offset, length, reading };
}

const primeName = ({ n }: Modulus, prime: bigint): 'p' | 'q' => (prime > n / prime ? 'p' : 'q');
