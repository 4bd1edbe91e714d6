import type { Sha2 } from '../../base/crypto/sha2.js';
import type { Pausing } from '../../base/runtime/turns.js';

/** What a token says: bytes that are signed, and their HMAC. */
interface MacMessage {
  signed: Uint8Array;
  signature: Uint8Array;
}

/** Keys that are tried on messages, all with one hash. */
export interface MacTask {
  hash: Sha2;
  /** Keys one after another, and where each ends. */
  keys: Uint8Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  /** The messages [from, to) of a list of tokens. */
  from: number;
  messages: readonly MacMessage[];
  /** Index of the first key in its list. */
  first: number;
}

/** Pairs that match: index of the key in its list, and of the token in its own. */
export type MacHits = { key: number; token: number }[];

/** Other threads that tasks run on; outputs come in the order of the tasks. */
export interface MacThreads {
  map(tasks: Iterator<MacTask>): Pausing<MacHits>;
}
