import type { MacHits, MacTask, PackedBytes } from '../../core/mac-threads.js';
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

/** Some keys of a list, and some tokens that they are tried on. */
export interface MacBlock extends Pick<MacTask, 'hash' | 'firstKey' | 'firstToken'> {
  keys: readonly Uint8Array[];
  tokens: readonly { signed: Uint8Array; signature: Uint8Array }[];
}

/** Tries the keys on the tokens. The kernel keeps the keys until {@link MacBatch.release}. */
export function hitsOf({ hash, keys, tokens, firstKey, firstToken }: MacBlock): MacHits {
  const batch = MacBatch.ofKeys(hash, keys);
  const hits: MacHits = [];
  for (const [i, token] of tokens.entries())
    for (const index of batch.matching(token)) hits.push({ key: firstKey + index, token: firstToken + i });
  return hits;
}

export const taskOf = ({ keys, tokens, ...block }: MacBlock): MacTask => ({
  ...block,
  keys: packed(keys),
  tokens: packed(tokens.flatMap(({ signed, signature }) => [signed, signature])),
});

/** {@link hitsOf} a task, whose keys and tokens it wipes. */
export function macHits({ keys, tokens, ...block }: MacTask): MacHits {
  const parts = unpacked(tokens);
  const pairs = Array.from({ length: parts.length / 2 }, (_, i) => {
    return { signed: parts[2 * i]!, signature: parts[2 * i + 1]! };
  });
  const hits = hitsOf({ ...block, keys: unpacked(keys), tokens: pairs });
  for (const { bytes } of [keys, tokens]) bytes.fill(0);
  return hits;
}
