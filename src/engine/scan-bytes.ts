import { examine } from '../detect/examine.js';
import type { Candidate } from '../detect/types.js';
import { rawDump } from '../dump/raw.js';
import { createView } from '../dump/view.js';
import { bufferReader } from '../storage.js';
import { sweepBuffer } from '../sweep/buffer.js';
import type { Rulebook } from './nets.js';

/** The candidates in a small buffer, through the real path: kernel, then detector. */
export function scanBytes(bytes: Uint8Array, { rules, net }: Rulebook): Candidate[] {
  const view = createView(bufferReader(bytes), rawDump('raw'));
  const hits = sweepBuffer(bytes, net);
  const columns = { offsets: hits.map(({ offset }) => offset), ids: hits.map(({ id }) => id) };
  const detected = examine(columns, rules, view);
  return [...detected].filter((each) => each.type === 'candidate');
}
