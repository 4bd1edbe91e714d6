import type { RsaMaterial } from '../../core/model/key-material.js';
import type { WindowColumns } from '../core/columns.js';
import type { NumberKernel } from '../core/kernel.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { FilePlace } from '../core/types.js';
import type { WorkBudget } from '../core/work-budget.js';
import type { Family, Modulus, PlaceSet } from './modulus.js';
import { rsaMaterial } from './rsa-material.js';
import type { RunEdgeWindows } from './run-edge-windows.js';

/** A private key computed from its modulus and the part found at a place. */
export interface KeyFromPart extends FilePlace {
  modulus: Modulus;
  material: RsaMaterial;
  /** Name of that part. */
  part: string;
  /** Bytes of the part that are missing and were computed, and where they were. */
  lost?: { bytes: number; end: 'first' | 'last' };
}

/** Input of a search for one kind of part. */
export interface PartSearch {
  family: Family;
  /** Windows of `words` words at the edges of runs. */
  edges(words: number): RunEdgeWindows;
  /** Which of them are tried: those that fill their run, the others, or all. */
  subset: 'filling' | 'others' | 'all';
  /** Windows in runs that may be primes, by size in words. */
  windows: ReadonlyMap<number, WindowColumns>;
  kernel: NumberKernel;
  bytes: RunBytes;
  publicPlaces: PlaceSet;
  /** For the numbers of the subset. */
  effort: WorkBudget;
  /** For numbers that are no likely ones, and for expensive ways to try a number. */
  otherEffort: WorkBudget;
  /** The moduli are those of end entities or targets: the budget for likely numbers is large. */
  isWanted: boolean;
}

/** Indices [first, end) of the windows of a subset. */
export function subsetBounds(
  windows: RunEdgeWindows,
  subset: PartSearch['subset'],
): [first: number, end: number] {
  const { fillingCount, length } = windows;
  return [subset === 'others' ? fillingCount : 0, subset === 'filling' ? fillingCount : length];
}

/** Parts whose search uses e, so that a hit confirms an assumed e. */
const PARTS_IMPLYING_E: ReadonlySet<string> = new Set(['d', 'dp']);

/**
 * `part` is named as if the prime were p; by convention p is the larger prime.
 * An assumed e that the part does not confirm is left out: the proof then reports that it is assumed.
 */
export function keyFromPart(
  modulus: Modulus,
  part: string,
  { offset, length, reading }: FilePlace,
  known: { p: bigint } | { d: bigint },
): KeyFromPart {
  const { n } = modulus;
  const isQ = 'p' in known && known.p <= n / known.p;
  const e = modulus.assumed && !PARTS_IMPLYING_E.has(part) ? undefined : modulus.e;
  const material = rsaMaterial({ n, e, ...(isQ ? { q: known.p } : known) });
  return { modulus, material, part: isQ ? part.replace('p', 'q') : part, offset, length, reading };
}
