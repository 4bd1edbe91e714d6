import { defineWarnings } from '../../core/base/runtime/warnings.js';
import type { Audit, DumpFormat } from '../memory/types.js';
import { rawDump } from '../others/raw/raw.js';
import { SnapshotAudit } from './audit.js';
import { ownersIn } from './graph/owners.js';
import { JsonBalance } from './json-balance.js';
import { textStart } from './text-start.js';

const LONGEST_START = 512;

/** A dump of V8 as JSON, whose bytes are swept as any text. */
const json = (name: string, start: RegExp, audit: () => Audit): DumpFormat => ({
  name,
  probe: (head) =>
    start.test(
      Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, LONGEST_START)).toString('latin1'),
    ),
  open: () => ({ ...rawDump(), textStart }),
  audit,
  streaming: { segmented: false, prefetch: () => [] },
  warnings: defineWarnings({}),
});

/** Heap snapshot (`v8.writeHeapSnapshot()`, DevTools), as V8's HeapSnapshotJSONSerializer begins it. */
export const heapSnapshot: DumpFormat = {
  ...json(
    'v8-heap-snapshot',
    /^\s{0,64}\{\s{0,64}"snapshot"\s{0,64}:\s{0,64}\{\s{0,64}"meta"/,
    () => new SnapshotAudit(),
  ),
  writtenBy: 'node',
  leavesOut: 'contents of buffers, external strings, native memory',
  streaming: { segmented: false, prefetch: () => [], owners: true },
  open: (reader) => ({
    ...rawDump(),
    textStart,
    owners: (runs, mayName) => ownersIn(reader, runs, mayName),
  }),
};

/** Sampling heap profile (`node --heap-prof`, DevTools): names of functions and scripts, no memory. */
export const heapProfile: DumpFormat = {
  ...json(
    'v8-heap-profile',
    /^\s{0,64}\{\s{0,64}"head"\s{0,64}:\s{0,64}\{\s{0,64}"callFrame"/,
    () => new JsonBalance('the heap profile'),
  ),
  insteadOfCopy: 'it has names and sizes only: take a heap snapshot of the process',
};
