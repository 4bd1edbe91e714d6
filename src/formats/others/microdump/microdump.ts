import { RANGE_HEADER, readRangeHeader } from '../../../core/base/bytes/memory-range.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import { type FileSpan, fileRegions } from '../../memory/file-spans.js';
import { parsedDump } from '../../memory/parsed-dump.js';
import { readBytes } from '../../memory/read.js';
import type { DumpFormat, ParsedDump, Segment } from '../../memory/types.js';

/** A log has some dozens of microdumps, each with one stack. */
const MAX_RANGES = 2 ** 16;

const warnings = defineWarnings({ 'microdump-stacks-truncated': 'strict' });

/** Stacks of Breakpad microdumps, as decoded by containers/microdump: ranges, each after its header. */
export const microdump: DumpFormat = {
  name: 'breakpad-microdump',
  leavesOut: 'all memory but the stacks of threads',
  insteadOfCopy: 'its stacks are text: take a minidump of the process',
  probe: (head) => readRangeHeader(head) !== undefined,
  open: openStacks,
  warnings,
};

function openStacks(reader: ByteReader): ParsedDump {
  const segments: Segment[] = [];
  const headers: FileSpan[] = [];
  const found: Warning[] = [];
  for (let offset = 0; ; ) {
    const range = readRangeHeader(readBytes(reader, offset, RANGE_HEADER));
    const start = offset + RANGE_HEADER;
    if (range === undefined || start >= reader.length) break;
    if (segments.length === MAX_RANGES) {
      const message = `stacks beyond the first ${MAX_RANGES} are searched, but not by their addresses`;
      found.push(warnings.of('microdump-stacks-truncated', { message, hint: 'split the log', offset }));
      break;
    }
    headers.push({ offset, length: RANGE_HEADER, region: { kind: 'header' } });
    segments.push({
      offset: start,
      length: Math.min(range.length, reader.length - start),
      address: range.address,
    });
    offset = start + range.length;
  }
  const outside = fileRegions([headers]);
  return parsedDump({
    segments,
    addressSpace: { kind: 'process' },
    process: {},
    warnings: found,
    regionAt: (offset, segment) => (segment < 0 ? outside(offset) : { kind: 'stack' }),
  });
}
