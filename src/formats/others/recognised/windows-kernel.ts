import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Unread } from '../../../core/model/report.js';
import { hasMagic } from '../../memory/magic.js';
import { lackingUpTo } from '../../memory/promised.js';
import { readBytes } from '../../memory/read.js';

const PAGE = 4096n;
/** Bytes of a bitmap of pages: 1 TiB of memory. */
const MAX_BITMAP = 32 * 2 ** 20;

/** Offsets of DUMP_HEADER32 and DUMP_HEADER64 (wdbgexts.h; QEMU, win_dump_defs.h). */
interface Layout {
  header: number;
  dumpType: number;
  /** PHYSICAL_MEMORY_DESCRIPTOR: number of runs (u32), then number of pages. */
  runs: number;
  pages: number;
  firstRun: number;
  maxRuns: number;
  /** Bytes of a page number. */
  word: 4 | 8;
  /** SUMMARY_DUMP: file offset of its bitmap. */
  summaryBits: number;
}

const LAYOUTS: readonly [magic: string, layout: Layout][] = [
  [
    'PAGEDU64',
    {
      ...{ header: 0x2000, dumpType: 0xf98, word: 8, summaryBits: 0x2028 },
      ...{ runs: 0x88, pages: 0x90, firstRun: 0x98, maxRuns: 43 },
    },
  ],
  [
    'PAGEDUMP',
    {
      ...{ header: 0x1000, dumpType: 0xf88, word: 4, summaryBits: 0x1020 },
      ...{ runs: 0x64, pages: 0x68, firstRun: 0x6c, maxRuns: 86 },
    },
  ],
];

/** A header that can be read, and its file. */
interface Header {
  layout: Layout;
  fields: FieldReader;
  reader: ByteReader;
}

/** The end of the file as the headers say it, or what is damaged in them. */
type Promised = { end: bigint } | { damaged: string; offset: number; length: number };

const damaged = (what: string, offset: number, length: number): Promised => ({
  damaged: what,
  offset,
  length,
});

const word = (fields: FieldReader, at: number, size: 4 | 8): bigint =>
  size === 8 ? fields.u64(at) : BigInt(fields.u32(at));

/** Runs of pages, behind each other from the end of the header on. */
function fullDump({ layout, fields }: Header): Promised {
  const count = fields.u32(layout.runs);
  const at = (index: number) => layout.firstRun + index * 2 * layout.word;
  const list = damaged('list of runs', layout.runs, at(layout.maxRuns) - layout.runs);
  if (count === 0 || count > layout.maxRuns) return list;
  let pages = 0n;
  let next = 0n;
  for (let index = 0; index < count; index++) {
    const base = word(fields, at(index), layout.word);
    const length = word(fields, at(index) + layout.word, layout.word);
    if (base < next || length === 0n) return list;
    next = base + length;
    pages += length;
  }
  if (pages !== word(fields, layout.pages, layout.word)) return list;
  return { end: BigInt(layout.header) + pages * PAGE };
}

/** A bitmap of the pages that are in the file, in their order. */
interface PageBitmap {
  /** File offset of the first page. */
  first: bigint;
  present: bigint;
  bits: bigint;
  /** File offset of the bitmap. */
  at: number;
}

/** The header of dumps since Windows 8 (`FDMP` or `SDMP`). */
const bitmapOf = ({ layout, reader }: Header): PageBitmap => {
  const fields = new FieldReader(readBytes(reader, layout.header, 0x38), 'le', layout.header);
  const [first, present, bits] = [fields.u64(0x20), fields.u64(0x28), fields.u64(0x30)];
  return { first, present, bits, at: layout.header + 0x38 };
};

/** SUMMARY_DUMP32 and SUMMARY_DUMP64, which have numbers of 32 bits. */
const summaryOf = ({ layout, reader }: Header): PageBitmap => {
  const fields = new FieldReader(readBytes(reader, layout.header, 0x20), 'le', layout.header);
  const [first, bits, present] = [fields.u32(0x0c), fields.u32(0x10), fields.u32(0x14)].map(BigInt);
  return { first: first!, present: present!, bits: bits!, at: layout.summaryBits };
};

const isPossible = ({ first, present, bits, at }: PageBitmap): boolean =>
  bits > 0n && present <= bits && first >= BigInt(at) + bits / 8n && first % PAGE === 0n;

function bitmapDump(header: Header): Promised {
  const { reader, layout } = header;
  const magic = readBytes(reader, layout.header, 8);
  const isMarked = hasMagic(magic, 'SDMPDUMP') || hasMagic(magic, 'FDMPDUMP');
  const bitmap = isMarked ? [bitmapOf(header), summaryOf(header)].find(isPossible) : undefined;
  if (bitmap === undefined) return damaged('header of the bitmap', layout.header, 0x38);
  const { first, present, bits, at } = bitmap;
  const length = Number((bits + 7n) / 8n);
  if (length > MAX_BITMAP) return damaged('bitmap of more than 1 TiB', at, length);
  const bytes = readBytes(reader, at, length);
  if (bytes.length === length && setBits(bytes) !== Number(present))
    return damaged('bitmap of pages', at, length);
  return { end: first + present * PAGE };
}

function setBits(bytes: Uint8Array): number {
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  padded.set(bytes);
  let count = 0;
  // Hacker's Delight, section 5-1.
  for (const word of new Uint32Array(padded.buffer)) {
    const pairs = word - ((word >>> 1) & 0x55555555);
    const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Ranges of pages (`RDMP`): pairs of a first page and a count, which a page number of 0 ends, or a total. */
const rangeDump =
  (hasTotal: boolean) =>
  ({ layout, reader }: Header): Promised => {
    const start = layout.header;
    const fields = new FieldReader(readBytes(reader, start, 0x30), 'le', start);
    const [meta, first, total] = [fields.u64(0x10), fields.u64(0x18), fields.u64(0x28)];
    const list = damaged('list of page ranges', start, 0x30);
    const isMarked = hasMagic(readBytes(reader, start + 4, 8), 'RDMPDUMP');
    const length = Number(first) - (start + 0x30);
    if (!isMarked || meta + BigInt(start + 0x20) !== first || length < 0 || length > MAX_BITMAP) return list;
    const ranges = new FieldReader(readBytes(reader, start + 0x30, length), 'le', start + 0x30);
    let pages = 0n;
    let at = 0;
    for (; at + 16 <= ranges.length && !(hasTotal && pages >= total); at += 16) {
      if (!hasTotal && ranges.u64(at) === 0n) break;
      pages += ranges.u64(at + 8);
    }
    const isCut = ranges.length < length;
    if (pages === 0n) return list;
    if (!isCut && (hasTotal ? pages !== total : at + 16 > ranges.length)) return list;
    return { end: first + pages * PAGE };
  };

/** TRIAGE_DUMP: its length, and where the mark of its end is. */
function triageDump({ layout, reader }: Header): Promised {
  const fields = new FieldReader(readBytes(reader, layout.header, 12), 'le', layout.header);
  const [end, mark] = [fields.u32(4), fields.u32(8)];
  const isWhole = mark + 4 > reader.length || hasMagic(readBytes(reader, mark, 4), 'TRGD');
  if (!isWhole || end < mark + 4 || mark < layout.header) return damaged('length', layout.header, 12);
  return { end: BigInt(end) };
}

/** By DumpType (volatility3, MemProcFS). Type 3 has the header alone. */
const DUMPS: Readonly<Record<number, (header: Header) => Promised>> = {
  1: fullDump,
  2: bitmapDump,
  3: ({ layout }) => ({ end: BigInt(layout.header) }),
  4: triageDump,
  5: bitmapDump,
  6: bitmapDump,
  7: bitmapDump,
  8: rangeDump(false),
  9: rangeDump(false),
  10: rangeDump(true),
};

export const isWindowsKernel = (head: Uint8Array): boolean =>
  LAYOUTS.some(([magic]) => hasMagic(head, magic));

/** What a kernel dump of Windows lacks of the pages that its headers describe. */
export function lackingOfKernel(reader: ByteReader): Unread[] {
  const bytes = readBytes(reader, 0, 0x2000);
  const layout = LAYOUTS.find(([magic]) => hasMagic(bytes, magic))![1];
  if (reader.length < layout.header) return lackingUpTo(layout.header, reader, 'its header');
  const fields = new FieldReader(bytes, 'le');
  const read = DUMPS[fields.u32(layout.dumpType)] ?? (() => damaged('type', layout.dumpType, 4));
  const promised = read({ layout, fields, reader });
  if ('end' in promised) return lackingUpTo(promised.end, reader, 'its memory');
  const { offset, length } = promised;
  const what = `the ${promised.damaged} of the Windows kernel dump`;
  const reason = `${what} is damaged or unknown: memory may be lost`;
  return [{ offset, length, reason }];
}
