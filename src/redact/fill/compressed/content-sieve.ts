import { bufferReader } from '../../../core/base/bytes/storage.js';
import { knownTest } from '../../../known/known-scanner.js';
import type { KnownTable } from '../../../known/known-table.js';
import { HitFilter } from '../../../sweep/hit-filter.js';
import { type KernelName, kernelFor } from '../../../sweep/kernel-select.js';
import { sweepTask } from '../../../sweep/sweep-task.js';
import type { Net } from '../../../sweep/types.js';
import { ValueFilter } from '../../../sweep/value-filter.js';

/** What decoded bytes may hold, as plain data for any thread. */
export interface SieveSources {
  /** Tells the net from others: messages copy it. */
  id: number;
  /** The net of the rules. */
  net: Net;
  kernel: KernelName;
  /** Windows of the proven keys. */
  table: KnownTable;
  /** The known values. */
  values: KnownTable;
}

/** No seams: decoded bytes are adjacent. */
const NONE = new Float64Array(0);

let last: { id: number; isLikely: (bytes: Uint8Array) => boolean } | undefined;

/** True for decoded bytes that may hold a finding or a part of a known secret: most hold none. */
export function contentSieve(sources: SieveSources): (bytes: Uint8Array) => boolean {
  if (last?.id !== sources.id) last = { id: sources.id, isLikely: sieve(sources) };
  return last.isLikely;
}

/** Forgets the last sources, which hold secrets. */
export function forgetSieve(): void {
  last = undefined;
}

function sieve({ net, kernel: name, table, values }: SieveSources): (bytes: Uint8Array) => boolean {
  const names = net.values?.names;
  const valueFilter = names && new ValueFilter(names, NONE);
  const filter = net.filter && new HitFilter(net.filter, NONE);
  const [holdsValue, holdsPart] = [knownTest(values), knownTest(table)];
  return (bytes) => {
    if (holdsValue(bytes) || holdsPart(bytes)) return true;
    const task = { from: 0, to: bytes.length, chunk: Math.max(64, bytes.length), longest: net.longest };
    const kernel = kernelFor(name, net, false);
    const { offsets, values: pairs } = sweepTask(
      bufferReader(bytes),
      kernel,
      task,
      undefined,
      filter,
      valueFilter,
    );
    return offsets.length > 0 || pairs !== undefined;
  };
}
