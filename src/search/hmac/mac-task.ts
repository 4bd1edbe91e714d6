import type { MacHits, MacTask } from '../core/mac-threads.js';
import { MacBatch } from './mac-kernel.js';

/** Packs keys, which may be views of memory that changes. */
export function packedKeys(keys: readonly Uint8Array[]): Pick<MacTask, 'keys' | 'ends'> {
  const ends = new Uint32Array(keys.length);
  let length = 0;
  for (const [i, key] of keys.entries()) ends[i] = length += key.length;
  const packed = new Uint8Array(length);
  for (const [i, key] of keys.entries()) packed.set(key, ends[i]! - key.length);
  return { keys: packed, ends };
}

/** Tries the keys on the messages, and wipes them. The kernel keeps a copy until {@link MacBatch.release}. */
export function macHits({ hash, keys, ends, from, messages, first }: MacTask): MacHits {
  const views = Array.from(ends, (end, i) => keys.subarray(i === 0 ? 0 : ends[i - 1], end));
  const batch = MacBatch.ofKeys(hash, views);
  const hits: MacHits = [];
  for (const [i, message] of messages.entries())
    for (const index of batch.matching(message)) hits.push({ key: first + index, token: from + i });
  keys.fill(0);
  return hits;
}
