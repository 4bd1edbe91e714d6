import { inverse } from '../../../core/base/bytes/integers.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { CurveContext } from '../numbers/curve-numbers.js';
import { concatenated, inFileOrder, nearLikely } from './candidate-order.js';
import type { KernelCurve } from './kernel-curve.js';

/** Bytes between Y and Z, which are allocated together, with headers and padding. */
const MAX_DISTANCE = 512;
/**
 * Positions on either side of Z at which X is searched. Some libraries allocate X first: it is 3 to 5
 * positions away in cores of Node, 10 in one of Python.
 */
const NEIGHBOURS = 16;
/**
 * Left sides (Y^2 of the equation) computed for one curve, 0.1 us each at 256 bits: one for each `bytes` of
 * the artifact, at least `least`. Enough for 20,000 adjacent numbers; an idle JVM has 23,000 in 2.7 GB.
 */
const EQUATION_BUDGET = { least: 700_000, bytes: 4096 };
/** If the budget cannot cover all numbers, it is divided by this: the likeliest are tried first. */
const REDUCTION = 16;
/** Up to this many numbers seldom exhaust the budget; their modules are not looked up. */
const MAX_UNSORTED = 8192;

/** Numbers of an artifact, and the budget for trying them. */
export type PointContext = Omit<CurveContext, 'kernel' | 'bytes' | 'runs'>;

/**
 * Points in Jacobian coordinates (X, Y, Z), which stand for (X / Z^2, Y / Z^3). OpenSSL and others keep a
 * computed point like this, in Montgomery form and little-endian words, until its affine coordinates are
 * needed: the public key of a key pair generated in the process and never exported. `place`: file offset of
 * Z. `orders`: a cache shared by curves that search the same set.
 */
export function* jacobianPoints(
  curve: KernelCurve,
  { length, numbers, managed, inModule, skippedWork, budget }: PointContext,
  orders: Map<NumberSet, FileOrder>,
): Generator<{ x: bigint; y: bigint; place: number }> {
  if (managed) return;
  const set = numbers.bySize.get(curve.domain.size) ?? numbers.inWords.get(curve.width)!.get('limbs-le')!;
  if (set.length < 3) return;
  const enough = Math.max(EQUATION_BUDGET.least, Math.floor(length / EQUATION_BUDGET.bytes));
  const most = budget(set.length > enough / (2 * NEIGHBOURS) ? Math.floor(enough / REDUCTION) : enough);
  const { order, offsets } = orders.get(set) ?? ordered(set, inModule, most / (2 * NEIGHBOURS));
  orders.set(set, { order, offsets });
  const limits = { near: MAX_DISTANCE, reach: NEIGHBOURS, budget: most };
  const valuesOf = (from: number, end: number) => set.inOrder(order.subarray(from, end));
  const { triples, tried } = curve.jacobian(valuesOf, offsets, limits);
  if (tried < set.length) {
    const { from, to } = set.extent;
    const left = set.length - tried;
    skippedWork.add(
      'ec-points',
      { target: 'blind', left },
      'numbers were not tried as the coordinate Z of a point',
      from,
      to,
    );
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

/**
 * Indices of the numbers of a set in the order they are tried, which is the same for all curves of a size: by
 * file offset; of a large set the likeliest first, and numbers in modules last.
 */
export interface FileOrder {
  order: Uint32Array;
  offsets: Float64Array;
}

/** All numbers of the set; of more than `most`, only those near a likely scalar. */
function ordered(set: NumberSet, inModule: (offset: number) => boolean, most: number): FileOrder {
  const chosen = set.length > most ? nearLikely(set) : inFileOrder(set);
  const order = set.length > MAX_UNSORTED ? modulesLast(set, chosen, inModule) : chosen;
  return { order, offsets: Float64Array.from(order, (index) => set.offset(index)) };
}

function modulesLast(set: NumberSet, order: Uint32Array, inModule: (offset: number) => boolean): Uint32Array {
  const inside = Uint8Array.from(order, (index) => (inModule(set.offset(index)) ? 1 : 0));
  const others = order.filter((_, i) => inside[i] === 0);
  if (others.length === order.length) return order;
  return concatenated(
    others,
    order.filter((_, i) => inside[i] === 1),
  );
}
