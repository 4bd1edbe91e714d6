import type { NumberKernel } from '../../core/kernel.js';
import { type Limbs, type PairProgram, rowBytes } from '../../core/pair-field.js';

/** Scalars multiplied by one call of the kernel. */
export const MAX_SCALARS = 2048;
/** Bits of a digit of the scalar. */
const DIGIT_BITS = 8;

/** The field for pairs of numbers, on machines whose relaxed SIMD fuses multiplication and addition. */
export interface PairField {
  call: PairProgram;
  field: number;
  limbs: Limbs;
}

/** A curve in the kernel, and its generator. */
interface CombCurve {
  kernel: NumberKernel;
  /** Bytes of a field element. */
  width: number;
  /** Address of the field for single numbers. */
  field: number;
  /** x and y of the generator in Montgomery form, little-endian. */
  generator: Uint8Array;
}

/**
 * x and y of each point, plain if computed in pairs, otherwise in Montgomery form. A flag is 1 if the point
 * exists.
 */
export interface MultipliedPoints {
  flags: Buffer;
  points: Buffer;
}

/**
 * Multiplies up to MAX_SCALARS scalars of `width` bytes. `change` may convert the points in the kernel; it
 * may use the working memory of the multiplication.
 */
export type Comb = (
  scalars: Uint8Array,
  change?: (points: number, count: number, work: number) => void,
) => MultipliedPoints;

/** Tables of one generator (0.3 to 3 MB), shared by all files of the process. */
export interface CombTables {
  words?: Uint8Array;
  pairs?: Uint8Array;
}

/**
 * Fixed-base multiplication (Brickell, Gordon, McCurley and Wilson 1992): for each 8-bit digit of a scalar a
 * table holds all its multiples of 2^(8 i) * G, so that a product costs one addition for each octet. All
 * additions of one step share an inversion (Montgomery's simultaneous inversion).
 */
export function makeComb(curve: CombCurve, pairs: PairField | undefined, tables: CombTables): Comb {
  const { kernel, width, field } = curve;
  const row = pairs ? rowBytes(pairs.limbs) : width;
  const table = pairs
    ? tableAddress(kernel, pairTableBytes(width, row), tables, 'pairs', (at) => fillPairs(curve, pairs, at))
    : tableAddress(kernel, wordTableBytes(width), tables, 'words', (at) => fillWords(curve, at));
  const digits = kernel.allocate(MAX_SCALARS * width);
  const out = kernel.allocate(MAX_SCALARS * 2 * width);
  const flags = kernel.allocate(MAX_SCALARS);
  const work = kernel.allocate((MAX_SCALARS + 4) * (4 * row + 8));
  return (scalars, change) => {
    const count = scalars.length / width;
    kernel.view(digits, scalars.length).set(scalars);
    if (pairs) pairs.call.comb(pairs.field, table, digits, count, out, flags, work);
    else kernel.call.comb(field, table, digits, count, width, out, flags, work);
    change?.(out, count, work);
    return {
      flags: Buffer.from(kernel.view(flags, count)),
      points: Buffer.from(kernel.view(out, count * width * 2)),
    };
  };
}

/** Copies a known table into the kernel, or fills it and keeps a copy. */
function tableAddress(
  kernel: NumberKernel,
  length: number,
  tables: CombTables,
  kind: keyof CombTables,
  fill: (at: number) => void,
): number {
  const at = kernel.allocate(length);
  const known = tables[kind];
  if (known) kernel.view(at, length).set(known);
  else {
    kernel.scratch(() => fill(at));
    tables[kind] = Uint8Array.from(kernel.view(at, length));
  }
  return at;
}

/** 256 points for each byte of a scalar. */
const wordTableBytes = (width: number): number => width * 2 ** DIGIT_BITS * 2 * width;

/** With signed digits half as many; the last digit is unsigned and may be 256. */
const pairTableBytes = (width: number, row: number): number => (width + 1) * 2 ** (DIGIT_BITS - 1) * 2 * row;

function fillWords(curve: CombCurve, table: number): void {
  const { kernel, width, field } = curve;
  const powers = doublings(curve, width * DIGIT_BITS);
  const work = kernel.allocate(width * 254 * width);
  kernel.call.fillTable(field, table, width, powers, work);
}

function fillPairs(curve: CombCurve, { call, field, limbs }: PairField, table: number): void {
  const { kernel, width } = curve;
  const row = rowBytes(limbs);
  const count = width * DIGIT_BITS + 1;
  const powers = kernel.allocate(count * 2 * row);
  call.toRows(field, doublings(curve, count), 2 * count, powers);
  // Two rows and two addresses for each sum of a pass; the largest pass has 63 sums a window.
  const work = kernel.allocate((width * 2 ** (DIGIT_BITS - 2) + 8) * (2 * row + 8));
  call.fillTable(field, table, powers, work);
}

/** Address of 2^k * G for k < count, in Montgomery form. */
function doublings({ kernel, width, field, generator }: CombCurve, count: number): number {
  const powers = kernel.allocate(count * 2 * width);
  const work = kernel.allocate(count * 2 * width);
  kernel.view(powers, generator.length).set(generator);
  kernel.call.powers(field, powers, count, work);
  return powers;
}
