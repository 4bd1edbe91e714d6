import type { Sha2 } from '../../core/base/crypto/sha2.js';
import type { Pausing } from '../../core/base/runtime/turns.js';

/** Byte strings one after another, and where each ends. */
export interface PackedBytes {
  bytes: Uint8Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
}

/** Keys that are tried on tokens, all with one hash. A task has copies of its own, which end with it. */
export interface MacTask {
  hash: Sha2;
  keys: PackedBytes;
  /** Two byte strings a token: what is signed, and its HMAC. */
  tokens: PackedBytes;
  /** Index of the first key, and of the first token, in their lists. */
  firstKey: number;
  firstToken: number;
}

/** Pairs that match: index of the key in its list, and of the token in its own. */
export type MacHits = { key: number; token: number }[];

/** Other threads that tasks run on; outputs come in the order of the tasks. */
export interface MacThreads {
  map(tasks: Iterator<MacTask>): Pausing<MacHits>;
}
