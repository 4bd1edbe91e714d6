import { bufferReader } from '../base/bytes/storage.js';
import type { Candidate } from '../detect/core/types.js';
import { examine } from '../detect/examine.js';
import { createView } from '../formats/memory/view.js';
import { rawDump } from '../formats/raw/raw.js';
import { type LiteralHit, sweepBuffer } from '../sweep/buffer.js';
import type { Rulebook } from './rulebook.js';

/** The candidates in a small buffer, by the real path: kernel, then detector. */
export function scanBytes(bytes: Uint8Array, book: Rulebook): Candidate[] {
  return examineBytes(bytes, sweepBuffer(bytes, book.net), book);
}

/** The same for known hits of the kernel. */
export function examineBytes(
  bytes: Uint8Array,
  hits: readonly LiteralHit[],
  { rules }: Rulebook,
): Candidate[] {
  const view = createView(bufferReader(bytes), rawDump());
  const columns = { offsets: hits.map(({ offset }) => offset), ids: hits.map(({ id }) => id) };
  const detected = examine(columns, rules, view);
  return [...detected].filter((each) => each.type === 'candidate');
}
