import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import { type FileSpan, fileRegions } from '../../memory/file-spans.js';
import { hasMagic } from '../../memory/magic.js';
import { parsedDump } from '../../memory/parsed-dump.js';
import { readBytes } from '../../memory/read.js';
import { SegmentCollector } from '../../memory/segment-collector.js';
import type { DumpFormat, ParsedDump } from '../../memory/types.js';

/**
 * lime_mem_range_header: magic, version (u32), s_addr, e_addr (u64; e_addr is the last byte), 8 reserved
 * bytes.
 */
const HEADER = 32;
const MAGIC = 'EMiL\x01\0\0\0';
/** A machine has some dozens of "System RAM" ranges. */
const MAX_RANGES = 2 ** 16;

const warnings = defineWarnings({ 'lime-ranges-truncated': 'strict' });

/** LiME image of physical memory, version 1: ranges, each after its header. */
export const lime: DumpFormat = {
  name: 'lime',
  writtenBy: 'linux',
  leavesOut: 'swapped pages, registers, memory of devices',
  probe: (head) => hasMagic(head, MAGIC),
  insteadOfCopy: 'it is the memory of a machine: take a core or minidump of the process',
  open: openLime,
  warnings,
};

function openLime(reader: ByteReader): ParsedDump {
  const headers: FileSpan[] = [];
  const collector = new SegmentCollector(reader.length);
  const found: Warning[] = [];
  for (let offset = 0; offset < reader.length; ) {
    const range = readRange(reader, offset);
    if (range === undefined || headers.length >= MAX_RANGES) {
      found.push(truncated(reader, offset));
      break;
    }
    headers.push({ offset, length: HEADER, region: { kind: 'header' } });
    const start = offset + HEADER;
    collector.add({ ...range, offset: start });
    offset = start + range.length;
  }
  const outside = fileRegions([headers]);
  return parsedDump({
    segments: collector.segments,
    addressSpace: { kind: 'physical' },
    process: {},
    memory: collector.coverage.facts(),
    warnings: found,
    regionAt: (offset, segment) => (segment < 0 ? outside(offset) : { kind: 'page' }),
  });
}

/** The range whose header is at an offset; undefined if there is no valid header. */
function readRange(reader: ByteReader, offset: number): { address: bigint; length: number } | undefined {
  const bytes = readBytes(reader, offset, HEADER);
  if (bytes.length < HEADER || !hasMagic(bytes, MAGIC)) return undefined;
  const fields = new FieldReader(bytes, 'le', offset);
  const address = fields.u64(8);
  const length = fields.u64(16) - address + 1n;
  if (length <= 0n || length > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { address, length: Number(length) };
}

function truncated(reader: ByteReader, offset: number): Warning {
  const message = 'a range header is missing or invalid: the rest was swept without addresses';
  const hint = 'the image is cut or damaged: memory of lost ranges is unknown';
  return warnings.of('lime-ranges-truncated', { message, hint, offset, length: reader.length - offset });
}
