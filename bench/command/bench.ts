import type { Inputs } from './inputs.js';
import type { scan } from './measure.js';

/** The input of every part of the benchmark. */
export interface Bench {
  inputs: Inputs;
  /** Output file for /usr/bin/time. */
  times: string;
  scan: typeof scan;
  /** `--no-entropy-net`, or empty. */
  net: readonly string[];
  /** Bytes of the largest file to write. */
  largest: number;
  /** A Node with built-in zstd, for the part on compressed cores. */
  node: string | undefined;
}
