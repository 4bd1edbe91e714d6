import { inverse } from '../integers.js';
import { type CurveNumbers, LIKELY } from './coordinates.js';
import type { KernelCurve } from './field.js';
import type { NumberSet } from './number-set.js';
import { toNumber } from './readings.js';
import type { Budget, Shortfall } from './shortfall.js';

/** Bytes between Y and Z, which are allocated together: their headers and what an allocator puts between. */
const NEAR = 512;
/** Numbers on either side of Z that may be X, which some libraries allocate first: 3 to 5 in cores of Node, 10 in one of Python. */
const REACH = 16;
/**
 * Left sides that are formed for one curve, 0.1 us each at 256 bits, by the artifact's length: enough for 20,000 numbers that lie side by side. A Java
 * that has nothing to do has 23,000 in 2.7 GB.
 */
const EQUATIONS = { least: 700_000, bytes: 4096 };
/** So few numbers seldom fill that: where they lie is not asked. */
const FEW = 8192;
/**
 * Bytes between numbers that may be those of one point, in an object or in chunks of their own. Where there are more numbers than can be tried, as
 * in the code of a gigabyte of programs, only those are that lie so near one that has an object to itself: in file order a fifth of them were, of
 * whatever came first.
 */
const BESIDE = 128;

/** Numbers of an artifact, and how many of them may be tried. */
export interface NumbersAtHand {
  /** Length of the artifact in bytes. */
  length: number;
  numbers: CurveNumbers;
  /** They were taken out of the arrays of a managed heap, which has no numbers of a library in C. */
  managed: boolean;
  /** True where an offset lies in the image of a program or library, whose tables are no public halves of a key. */
  inModule(offset: number): boolean;
  shortfall: Shortfall;
  budget: Budget;
}

/**
 * Points in Jacobian coordinates, as OpenSSL and others keep them (Montgomery form, little-endian words) until somebody asks for x
 * and y: the public half of a key that was made in the process and never written out. `orders`: of the sets that other curves had before.
 */
export function* jacobianPoints(
  curve: KernelCurve,
  { length, numbers, managed, inModule, shortfall, budget }: NumbersAtHand,
  orders: Map<NumberSet, InFileOrder>,
): Generator<{ x: bigint; y: bigint }> {
  if (managed) return;
  const set = numbers.bySize.get(curve.domain.size) ?? numbers.inWords.get(curve.width)!.get('limbs-le')!;
  if (set.length < 3) return;
  const most = budget(Math.max(EQUATIONS.least, Math.floor(length / EQUATIONS.bytes)));
  const known = orders.get(set);
  const { order, offsets } = known ?? inFileOrder(set, inModule, most / (2 * REACH));
  if (known === undefined) orders.set(set, { order, offsets });
  const limits = { near: NEAR, reach: REACH, budget: most };
  const valuesOf = (from: number, end: number) => set.inOrder(order.subarray(from, end));
  const { triples, tried } = curve.jacobian(valuesOf, offsets, limits);
  if (tried < set.length) {
    const chosen = new Uint8Array(set.length);
    for (const index of order.subarray(0, tried)) chosen[index] = 1;
    let [first, last] = [Number.POSITIVE_INFINITY, 0];
    for (let i = 0; i < set.length; i++) {
      if (chosen[i]) continue;
      first = Math.min(first, set.offset(i));
      last = Math.max(last, set.offset(i));
    }
    const what = 'numbers were not tried as Z of a point';
    shortfall.add('ec-points', what, first, last + set.size, set.length - tried);
  }
  const { p } = curve.domain;
  const value = (index: number): bigint => curve.fromMontgomery(toNumber(set.at(order[index]!), 'limbs-le'));
  for (let i = 0; i < triples.length; i += 3) {
    const [x, y, z] = [value(triples[i]!), value(triples[i + 1]!), value(triples[i + 2]!)];
    const reciprocal = inverse(z, p);
    if (reciprocal === undefined) continue;
    const square = (reciprocal * reciprocal) % p;
    yield { x: (x * square) % p, y: (((y * square) % p) * reciprocal) % p };
  }
}

/** The indices of numbers of a set by where these were seen, ascending, those of many that lie in modules behind all others: the same for all curves of a size. */
export interface InFileOrder {
  order: Uint32Array;
  offsets: Float64Array;
}

/** All numbers of the set, or of more than `most` those that lie beside a likely one. */
function inFileOrder(set: NumberSet, inModule: (offset: number) => boolean, most: number): InFileOrder {
  const all = byOffset(set);
  const chosen = set.length > most ? besideLikely(set, all) : all;
  const order = set.length > FEW ? modulesLast(set, chosen, inModule) : chosen;
  return { order, offsets: Float64Array.from(order, (index) => set.offset(index)) };
}

/** Most came in that order. */
function byOffset(set: NumberSet): Uint32Array {
  const order = Uint32Array.from({ length: set.length }, (_, i) => i);
  let sorted = true;
  for (let i = 1; i < order.length && sorted; i++) sorted = set.offset(i - 1) <= set.offset(i);
  return sorted ? order : order.sort((a, b) => set.offset(a) - set.offset(b));
}

function besideLikely(set: NumberSet, order: Uint32Array): Uint32Array {
  const isNear = new Uint8Array(order.length);
  for (const step of [1, -1]) {
    let last = Number.POSITIVE_INFINITY;
    for (let i = step > 0 ? 0 : order.length - 1; i >= 0 && i < order.length; i += step) {
      const offset = set.offset(order[i]!);
      if (set.flags(order[i]!) & LIKELY) last = offset;
      if (Math.abs(offset - last) <= BESIDE) isNear[i] = 1;
    }
  }
  return order.filter((_, i) => isNear[i] === 1);
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
