import type { EffortLevel } from '../../core/model/effort.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { WindowColumns } from '../core/columns.js';
import type { RunCacheColumns } from '../core/run-cache.js';
import type { RunColumns } from '../core/run-list.js';
import type { SearchedPublicKey } from '../core/types.js';
import type { RsaText } from './rsa-texts.js';

/** The numbers that RSA keys are searched in, as plain data for any thread. */
export interface RsaRequest {
  windows: ReadonlyMap<number, WindowColumns>;
  runs: RunColumns;
  runCache: RunCacheColumns;
  /** Sequences of digits. */
  digits: RunColumns;
  texts: readonly RsaText[];
  publicKeys: readonly SearchedPublicKey[];
  /** Bytes of the artifact, which budgets are proportional to. */
  length: number;
  effort: EffortLevel;
  /** Budgets of work are multiplied by this. */
  scale?: number;
}

/** What the proof decides. */
export interface RsaProver {
  isProven(material: KeyMaterial): boolean;
  /** True only if it was shown. */
  isComposite(value: bigint): boolean;
}

/** Numbers that a request is about. */
export const windowsOf = ({ windows }: RsaRequest): number =>
  [...windows.values()].reduce((sum, { length }) => sum + length, 0);

/**
 * Number of windows (18 bytes each, 36 while searched) from which memory matters more than warm threads and
 * kernels.
 */
const HEAVY = 1 << 19;

export const isHeavy = (request: RsaRequest): boolean => windowsOf(request) >= HEAVY;
