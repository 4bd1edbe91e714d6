import type { Inputs } from './inputs.js';
import type { scan } from './measure.js';

/** What every part of the benchmark gets. */
export interface Bench {
  inputs: Inputs;
  /** A file that /usr/bin/time may write. */
  times: string;
  scan: typeof scan;
  /** `--no-entropy-net`, or nothing. */
  net: readonly string[];
  /** Bytes of the largest file that is made. */
  largest: number;
  /** A Node with zstd of its own, for the part on compressed cores. */
  node: string | undefined;
}
