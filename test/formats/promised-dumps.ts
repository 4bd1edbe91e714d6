import { HprofBuilder } from './build-hprof.js';
import {
  type BuiltDump,
  hibernation,
  vmwareState,
  windowsBitmap,
  windowsFull,
  windowsRanges,
  windowsSummary,
  windowsTriage,
  xenCore,
} from './build-machine-dumps.js';
import { buildSnapshot } from './build-snapshot.js';

export const snapshot = (): BuiltDump => {
  const names = Array.from({ length: 40 }, (_, i) => ({ type: 'object', name: `Class${i}\\"]}` }));
  const edges = names.map((_, index) => ({ type: 'element', index }));
  const bytes = Buffer.from(buildSnapshot({ nodes: names, edges, others: ['"]}', 'x"', '[1]'] }));
  return { bytes, fields: [] };
};

export function heapDump(version: '1.0.1' | '1.0.2'): BuiltDump {
  const builder = new HprofBuilder(8, version);
  builder.loadClass({ id: 7, name: 'Signer' });
  builder.primitiveArray(9, 8, Buffer.alloc(5000, 3));
  builder.heap(version === '1.0.2' ? 0x1c : 0x0c);
  if (version === '1.0.2') builder.record(0x2c, Buffer.alloc(0));
  return { bytes: builder.done(), fields: [] };
}

function heapProfile(): BuiltDump {
  const leaf = { callFrame: { functionName: 'a\\"]}', url: 'file:///b.js' }, selfSize: 8, children: [] };
  const head = { callFrame: { functionName: '(root)' }, children: Array.from({ length: 40 }, () => leaf) };
  return { bytes: Buffer.from(JSON.stringify({ head, samples: [{ size: 8 }] })), fields: [] };
}

/** Dumps whose headers say where their last byte is. `isUnread`: also if it is whole. */
export const PROMISED: [name: string, dump: BuiltDump, isUnread?: true][] = [
  [
    'Windows, full, 64 bits',
    windowsFull(64, [
      [1, 3],
      [16, 4],
      [256, 2],
    ]),
  ],
  [
    'Windows, full, 32 bits',
    windowsFull(32, [
      [1, 3],
      [16, 4],
    ]),
  ],
  ['Windows, bitmap of all memory', windowsBitmap(5)],
  ['Windows, bitmap of the kernel', windowsBitmap(6)],
  ['Windows, summary, 64 bits', windowsSummary(64)],
  ['Windows, summary, 32 bits', windowsSummary(32)],
  ['Windows, ranges', windowsRanges(8)],
  ['Windows, ranges with a total', windowsRanges(10)],
  ['Windows, triage', windowsTriage()],
  ['VMware state', vmwareState()],
  ['Xen core', xenCore(), true],
  ['heap snapshot of V8', snapshot()],
  ['heap profile of V8', heapProfile()],
  ['heap dump of a JVM in segments', heapDump('1.0.2')],
  ['heap dump of an agent', heapDump('1.0.1')],
  ...['hibr', 'HIBR', 'wake', 'WAKE', 'RSTR', 'HORM'].map((signature): [string, BuiltDump, true] => [
    `hibernation ${signature}`,
    hibernation(signature),
    true,
  ]),
];
