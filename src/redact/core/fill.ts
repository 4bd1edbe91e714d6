import type { Extent } from '../../model/report.js';

/** Bytes of the input that the copy must not have, and why. */
export interface Fill extends Extent {
  readonly cause: string;
}
