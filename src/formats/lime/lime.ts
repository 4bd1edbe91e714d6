import { Fields } from '../../base/bytes/field-reader.js';
import type { Reader } from '../../base/bytes/storage.js';
import { defineWarnings, type Warning } from '../../base/runtime/warnings.js';
import { type FileSpan, fileRegions } from '../memory/file-spans.js';
import { hasMagic } from '../memory/magic.js';
import { mappedDump } from '../memory/mapped.js';
import { MemoryTally } from '../memory/memory-tally.js';
import { readBytes } from '../memory/read.js';
import type { DumpFormat, ParsedDump, Segment } from '../memory/types.js';

/** lime_mem_range_header: magic, version (u32 each), s_addr, e_addr (u64 each, e_addr is the last byte), 8 reserved bytes. */
const HEADER = 32;
const MAGIC = 'EMiL\x01\0\0\0';
/** A machine has some dozens of ranges of System RAM. */
const MAX_RANGES = 2 ** 16;

const warnings = defineWarnings({ 'lime-ranges-truncated': 'strict' });

/** LiME image of a machine's physical memory, version 1: ranges one after another, each behind its header. */
export const lime: DumpFormat = {
  name: 'lime',
  probe: (head) => hasMagic(head, MAGIC),
  open: openLime,
  warnings,
};

function openLime(reader: Reader): ParsedDump {
  const segments: Segment[] = [];
  const headers: FileSpan[] = [];
  const memory = new MemoryTally();
  const found: Warning[] = [];
  for (let offset = 0; offset < reader.length; ) {
    const range = readRange(reader, offset);
    if (range === undefined || segments.length >= MAX_RANGES) {
      found.push(stopped(reader, offset));
      break;
    }
    headers.push({ offset, length: HEADER, region: { kind: 'header' } });
    const start = offset + HEADER;
    const inFile = Math.min(range.length, reader.length - start);
    memory.add(range.address, range.length, inFile);
    if (inFile > 0) segments.push({ offset: start, length: inFile, address: range.address });
    offset = start + range.length;
  }
  const outside = fileRegions([headers]);
  return mappedDump({
    segments,
    addressSpace: { kind: 'physical' },
    process: {},
    memory: memory.facts(),
    warnings: found,
    regionAt: (offset, segment) => (segment < 0 ? outside(offset) : { kind: 'page' }),
  });
}

/** The range whose header lies at an offset; undefined where there is none that makes sense. */
function readRange(reader: Reader, offset: number): { address: bigint; length: number } | undefined {
  const bytes = readBytes(reader, offset, HEADER);
  if (bytes.length < HEADER || !hasMagic(bytes, MAGIC)) return undefined;
  const fields = new Fields(bytes, 'le', offset);
  const address = fields.u64(8);
  const length = fields.u64(16) - address + 1n;
  if (length <= 0n || length > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { address, length: Number(length) };
}

function stopped(reader: Reader, offset: number): Warning {
  const message = 'no range header where one should be: the rest was swept without addresses';
  const hint = 'the image is cut or damaged: memory of lost ranges is unknown';
  return warnings.of('lime-ranges-truncated', { message, hint, offset, length: reader.length - offset });
}
