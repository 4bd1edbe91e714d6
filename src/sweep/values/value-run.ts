import { KINDS, LONGEST_RUN } from './random.js';

/**
 * A run of characters of the value net, packed in the 24 bits of a hit's id (sweep/hits.ts). The kernel
 * (sweep/kernel/values.as.ts) packs by the same numbers.
 */
export interface ValueRun {
  /** Characters, at most {@link LONGEST_RUN}: a longer run goes on. */
  length: number;
  /** UTF-16: a NUL between two characters. */
  wide: boolean;
  /** What is beside the run, or the rest of it, was outside the bytes swept in one call. */
  cut: boolean;
  /** The run was seen to its end and looks random. One that was not has any length. */
  random: boolean;
}

/** Characters before and after a run that a search for its name may read. Runs with less are `cut`. */
export const CONTEXT = 128;

const LENGTH = 0x7ff;
const WIDE = 0x800;
const CUT = 0x1000;
const RANDOM = 0x2000;

export const runLength = (id: number): number => id & LENGTH;
export const isWideRun = (id: number): boolean => (id & WIDE) !== 0;
export const isCutRun = (id: number): boolean => (id & CUT) !== 0;
/** False for a run that was not seen to its end. */
export const isRandomRun = (id: number): boolean => (id & RANDOM) !== 0;

export const unpackRun = (id: number): ValueRun => ({
  length: id & LENGTH,
  wide: (id & WIDE) !== 0,
  cut: (id & CUT) !== 0,
  random: (id & RANDOM) !== 0,
});

export const packRun = ({ length, wide, cut, random }: ValueRun): number =>
  Math.min(length, LONGEST_RUN) | (wide ? WIDE : 0) | (cut ? CUT : 0) | (random ? RANDOM : 0);

type Stride = 1 | 2;

/** The run of characters around the one at `at`. */
export function runAt(
  bytes: Uint8Array,
  at: number,
  stride: Stride,
): { start: number; length: number } | undefined {
  const isCharacter = (place: number): boolean => place >= 0 && KINDS[bytes[place] ?? 0] !== 0;
  if (!isCharacter(at)) return undefined;
  const joined = (place: number): boolean => stride === 1 || bytes[place] === 0;
  let start = at;
  while (isCharacter(start - stride) && joined(start - 1)) start -= stride;
  let last = at;
  while (isCharacter(last + stride) && joined(last + 1)) last += stride;
  return { start, length: (last - start) / stride + 1 };
}
