import { inverse } from '../../base/bytes/integers.js';
import { toNumber } from '../core/integer-encodings.js';
import type { NumberSet } from '../core/number-set.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import { inFileOrder, nearLikely } from './candidate-order.js';
import type { CurveNumbers } from './curve-numbers.js';
import type { KernelCurve } from './kernel-curve.js';

/** Bytes between Y and Z, which are allocated together: their headers and what an allocator puts between. */
const MAX_DISTANCE = 512;
/** Numbers on either side of Z that may be X, which some libraries allocate first: 3 to 5 in cores of Node, 10 in one of Python. */
const NEIGHBOURS = 16;
/**
 * Left sides that are formed for one curve, 0.1 us each at 256 bits, by the artifact's length: enough for 20,000 numbers that lie side by side. A Java
 * that has nothing to do has 23,000 in 2.7 GB.
 */
const EQUATION_BUDGET = { least: 700_000, bytes: 4096 };
/** Where that is not enough for all, a part of it: what is tried first is the likeliest. */
const REDUCTION = 16;
/** So few numbers seldom fill that: where they lie is not asked. */
const MAX_UNSORTED = 8192;
/** Numbers of an artifact, and how many of them may be tried. */
export interface PointContext {
  /** Length of the artifact in bytes. */
  length: number;
  numbers: CurveNumbers;
  /** They were taken out of the arrays of a managed heap, which has no numbers of a library in C. */
  managed: boolean;
  /** True where an offset lies in the image of a program or library, whose tables are no public halves of a key. */
  inModule(offset: number): boolean;
  shortfall: SkippedWork;
  budget: Budget;
}

/**
 * Points in Jacobian coordinates, as OpenSSL and others keep them (Montgomery form, little-endian words) until somebody asks for x
 * and y: the public half of a key that was made in the process and never written out. `place`: of Z. `orders`: of the sets that other curves had before.
 */
export function* jacobianPoints(
  curve: KernelCurve,
  { length, numbers, managed, inModule, shortfall, budget }: PointContext,
  orders: Map<NumberSet, FileOrder>,
): Generator<{ x: bigint; y: bigint; place: number }> {
  if (managed) return;
  const set = numbers.bySize.get(curve.domain.size) ?? numbers.inWords.get(curve.width)!.get('limbs-le')!;
  if (set.length < 3) return;
  const enough = Math.max(EQUATION_BUDGET.least, Math.floor(length / EQUATION_BUDGET.bytes));
  const most = budget(set.length > enough / (2 * NEIGHBOURS) ? Math.floor(enough / REDUCTION) : enough);
  const known = orders.get(set);
  const { order, offsets } = known ?? ordered(set, inModule, most / (2 * NEIGHBOURS));
  if (known === undefined) orders.set(set, { order, offsets });
  const limits = { near: MAX_DISTANCE, reach: NEIGHBOURS, budget: most };
  const valuesOf = (from: number, end: number) => set.inOrder(order.subarray(from, end));
  const { triples, tried } = curve.jacobian(valuesOf, offsets, limits);
  if (tried < set.length) {
    const { from, to } = set.extent;
    shortfall.add('ec-points', 'numbers were not tried as Z of a point', from, to, set.length - tried);
  }
  const { p } = curve.domain;
  const value = (index: number): bigint => curve.fromMontgomery(toNumber(set.at(order[index]!), 'limbs-le'));
  for (let i = 0; i < triples.length; i += 3) {
    const [x, y, z] = [value(triples[i]!), value(triples[i + 1]!), value(triples[i + 2]!)];
    const reciprocal = inverse(z, p);
    if (reciprocal === undefined) continue;
    const square = (reciprocal * reciprocal) % p;
    const place = set.offset(order[triples[i + 2]!]!);
    yield { x: (x * square) % p, y: (((y * square) % p) * reciprocal) % p, place };
  }
}

/** The indices of numbers of a set by where these were seen, the likeliest of very many before all others, and those of many that lie in modules behind them: the same for all curves of a size. */
export interface FileOrder {
  order: Uint32Array;
  offsets: Float64Array;
}

/** All numbers of the set, or of more than `most` those that lie beside a likely one. */
function ordered(set: NumberSet, inModule: (offset: number) => boolean, most: number): FileOrder {
  const chosen = set.length > most ? nearLikely(set) : inFileOrder(set);
  const order = set.length > MAX_UNSORTED ? modulesLast(set, chosen, inModule) : chosen;
  return { order, offsets: Float64Array.from(order, (index) => set.offset(index)) };
}

function modulesLast(set: NumberSet, order: Uint32Array, inModule: (offset: number) => boolean): Uint32Array {
  const inside = Uint8Array.from(order, (index) => (inModule(set.offset(index)) ? 1 : 0));
  const others = order.filter((_, i) => inside[i] === 0);
  if (others.length === order.length) return order;
  const last = order.filter((_, i) => inside[i] === 1);
  const both = new Uint32Array(order.length);
  both.set(others);
  both.set(last, others.length);
  return both;
}
