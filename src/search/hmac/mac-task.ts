import type { MacHits, MacTask, PackedBytes } from '../core/mac-threads.js';
import { MacBatch } from './mac-kernel.js';

/** Copies byte strings, which may be views of memory that changes or is large. */
export function packed(parts: readonly Uint8Array[]): PackedBytes {
  const ends = new Uint32Array(parts.length);
  let length = 0;
  for (const [i, part] of parts.entries()) ends[i] = length += part.length;
  const bytes = new Uint8Array(length);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i]! - part.length);
  return { bytes, ends };
}

const unpacked = ({ bytes, ends }: PackedBytes): Uint8Array[] =>
  Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));

/** Tries the keys on the tokens, and wipes both. The kernel keeps the keys until {@link MacBatch.release}. */
export function macHits({ hash, keys, tokens, firstKey, firstToken }: MacTask): MacHits {
  const batch = MacBatch.ofKeys(hash, unpacked(keys));
  const parts = unpacked(tokens);
  const hits: MacHits = [];
  for (let i = 0; 2 * i < parts.length; i++)
    for (const index of batch.matching({ signed: parts[2 * i]!, signature: parts[2 * i + 1]! }))
      hits.push({ key: firstKey + index, token: firstToken + i });
  for (const { bytes } of [keys, tokens]) bytes.fill(0);
  return hits;
}
