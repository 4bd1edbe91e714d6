import { HMAC_BLOCK, type MemorySize, secondsForOthers } from '../../../core/limits/costs.js';
import type { Scale } from '../../core/skipped-work.js';

/** Bounds on the search for secrets that neither a name nor the place of a token shows. */
export interface SecretBudgets {
  /** Numbers that are kept, and runs that are looked at for them. */
  numbers: number;
  runs: number;
  /** Work of trials, in blocks of SHA-256. */
  units: number;
}

/** Numbers of any file, which those of a small one do not reach. */
const LEAST_NUMBERS = 1 << 17;
/** Numbers a second: they are taken out of their runs, compared, and tried on a token. */
const NUMBERS_EACH = 1 << 18;
/** Runs for a number: most have none. */
const RUNS_EACH = 4;
/** Least work of trials: that of 100,000 texts on a token. */
const LEAST_UNITS = 2_000_000;

/** In proportion to memory: a quarter of the work for numbers that are not likely. */
export function secretBudgets(size: MemorySize, budget: Scale): SecretBudgets {
  const seconds = secondsForOthers('hmac', size);
  const numbers = budget(Math.max(LEAST_NUMBERS, seconds * NUMBERS_EACH));
  const units = budget(Math.max(LEAST_UNITS, seconds / HMAC_BLOCK));
  return { numbers, runs: RUNS_EACH * numbers, units };
}
