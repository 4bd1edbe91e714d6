import type { Rule } from '../rules/types.js';

/** The rows of names and services as lookup tables. */
export interface Tables {
  /** Whether there is anything to join. */
  any: boolean;
}

/** The tables in one piece. */
export const packTables = (rules: readonly Rule[]): Uint8Array => Uint8Array.of(rules.length > 0 ? 1 : 0);

/** Views of packed tables; `bytes` may be shared memory and starts at a multiple of 4. */
export const unpackTables = (bytes: Uint8Array): Tables => ({ any: bytes[0] !== 0 });
