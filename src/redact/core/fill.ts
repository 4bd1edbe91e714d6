import type { Extent } from '../../core/model/report.js';

/** `*` fills texts: JSON stays JSON. */
export const TEXT_FILL = 0x2a;

/** Bytes of the input that the copy must not have, and why. */
export interface Fill extends Extent {
  readonly cause: string;
}
