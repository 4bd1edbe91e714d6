import { defineWarnings } from '../../base/runtime/warnings.js';
import type { DumpFormat } from '../memory/types.js';
import { rawDump } from '../raw/raw.js';

/** How V8's HeapSnapshotJSONSerializer begins. */
const START = /^\s{0,64}\{\s{0,64}"snapshot"\s{0,64}:\s{0,64}\{\s{0,64}"meta"/;
const LONGEST_START = 512;

/** Heap snapshot of V8 (`v8.writeHeapSnapshot()`, DevTools): JSON, whose bytes are swept as any text. */
export const heapSnapshot: DumpFormat = {
  name: 'v8-heap-snapshot',
  probe: (head) =>
    START.test(
      Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, LONGEST_START)).toString('latin1'),
    ),
  open: () => rawDump(),
  streaming: { segmented: false, prefetch: () => [] },
  warnings: defineWarnings({}),
};
