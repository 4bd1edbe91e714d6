import type { Kernel } from '../core/kernel.js';
import { type Limbs, type PairProgram, rowBytes } from '../core/pair-field.js';

/** Scalars of one call: what goes through the kernel at once. */
export const MAX_SCALARS = 2048;
/** Bits of a comb's digit. */
const DIGIT_BITS = 8;

/** A field for pairs of numbers, on machines that compute with them. */
export interface PairField {
  call: PairProgram;
  field: number;
  limbs: Limbs;
}

/** A curve in the kernel of whose generator multiples are wanted. */
interface CombCurve {
  kernel: Kernel;
  /** Bytes of a number. */
  width: number;
  /** The field for numbers one by one. */
  field: number;
  /** The generator: x and y in the host's Montgomery form, little-endian. */
  generator: Uint8Array;
}

/** Points of one call: x and y, plain from pairs, else in Montgomery form; a flag is 1 where there is one. */
export interface MultipliedPoints {
  flags: Buffer;
  points: Buffer;
}

/** Multiplies up to BATCH scalars of `width` bytes. `change` is done with the points in the kernel, and has as much room as the multiplication had. */
export type Comb = (
  scalars: Uint8Array,
  change?: (points: number, count: number, work: number) => void,
) => MultipliedPoints;

/** Tables of one generator, which every small file has the same: 0.3 to 3 MB. */
export interface CombTables {
  words?: Uint8Array;
  pairs?: Uint8Array;
}

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

/** The address of a table that is known, or made and kept. */
function tableAddress(
  kernel: Kernel,
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

/** Half as many, for digits with a sign; the last one has none, and may be 256. */
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
  // Two rows and two addresses for each sum of a pass, of which the largest has 63 a window.
  const work = kernel.allocate((width * 2 ** (DIGIT_BITS - 2) + 8) * (2 * row + 8));
  call.fillTable(field, table, powers, work);
}

/** The address of 2^k times the generator for so many k, in the host's Montgomery form. */
function doublings({ kernel, width, field, generator }: CombCurve, count: number): number {
  const powers = kernel.allocate(count * 2 * width);
  const work = kernel.allocate(count * 2 * width);
  kernel.view(powers, generator.length).set(generator);
  kernel.call.powers(field, powers, count, work);
  return powers;
}
