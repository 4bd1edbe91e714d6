import type { Sha2 } from '../../base/crypto/sha2.js';
import type { Pausing } from '../../base/runtime/turns.js';
import { MacBatch } from './mac-kernel.js';

/** What a token says: bytes that are signed, and their HMAC. */
export interface MacMessage {
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

/** Packs keys, which may be views of memory that changes. */
export function packedKeys(keys: readonly Uint8Array[]): Pick<MacTask, 'keys' | 'ends'> {
  const ends = new Uint32Array(keys.length);
  let length = 0;
  for (const [i, key] of keys.entries()) ends[i] = length += key.length;
  const packed = new Uint8Array(length);
  for (const [i, key] of keys.entries()) packed.set(key, ends[i]! - key.length);
  return { keys: packed, ends };
}

/** Tries the keys on the messages, and wipes them. */
export function macHits({ hash, keys, ends, from, messages, first }: MacTask): MacHits {
  const views = Array.from(ends, (end, i) => keys.subarray(i === 0 ? 0 : ends[i - 1], end));
  const batch = MacBatch.ofKeys(hash, views);
  const hits: MacHits = [];
  for (const [i, message] of messages.entries())
    for (const index of batch.matching(message)) hits.push({ key: first + index, token: from + i });
  MacBatch.release();
  keys.fill(0);
  return hits;
}
