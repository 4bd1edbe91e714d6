import { rangeReader } from '../../core/base/bytes/direct-reads.js';
import { type ByteReader, lenient } from '../../core/base/bytes/storage.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { ProcessFacts } from '../../core/model/report.js';
import type { ParsedDump } from '../memory/types.js';
import type { CoreFacts } from './facts.js';
import { type ElfHeader, PF_W } from './header.js';
import type { LoadSegment } from './loads.js';
import type { UnnamedFields } from './pairs/layouts.js';
import { pairsIn } from './pairs/pairs.js';
import { warnings } from './warnings.js';

/** {@link ParsedDump.owners} of a core. Records are read as 64-bit little-endian processes write them. */
export function recordOwners(
  reader: ByteReader,
  { bits, endian }: ElfHeader,
  { physical }: CoreFacts,
  segments: readonly LoadSegment[],
  process: ProcessFacts,
): ParsedDump['owners'] {
  if (bits !== 64 || endian !== 'le' || physical) return undefined;
  const writable = segments.filter(({ flags }) => (flags & PF_W) !== 0);
  return function* (runs, mayName, _queries, threads) {
    // Direct reads of holes: the sweep before left none of them in the page cache.
    const ranges = threads === undefined ? reader : lenient(rangeReader(threads.storage));
    const memory = { reader, ranges, segments, writable, process };
    const { left, unnamed } = yield* pairsIn(memory, runs, mayName);
    return { left, warnings: unnamed === undefined ? [] : [fieldsNotNamed(unnamed)] };
  };
}

function fieldsNotNamed({ fields, instead }: UnnamedFields): Warning {
  const message = `names of ${fields} were not read: a secret that only a field names is not found`;
  return warnings.of('fields-not-named', { message, hint: instead });
}
