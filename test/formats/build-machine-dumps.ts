/**
 * Writes dumps of machines and of processes in several files, from the structures of their writers. Shares no
 * code with the readers.
 */

/** A dump, and the fields of its headers whose change must not pass for another whole dump. */
export interface BuiltDump {
  bytes: Buffer;
  fields: Field[];
}

interface Field {
  name: string;
  offset: number;
  size: 4 | 8;
}

const PAGE = 4096;

/** Bytes with numbers written at offsets. */
class Image {
  readonly bytes: Buffer;
  readonly fields: Field[] = [];

  constructor(length: number, fill: (offset: number) => number = () => 0) {
    this.bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) this.bytes[i] = fill(i);
  }

  text(offset: number, text: string): this {
    this.bytes.write(text, offset, 'latin1');
    return this;
  }

  /** A number; `name`: of a field whose change must be noticed. */
  number(size: 4 | 8, offset: number, value: number, name?: string): this {
    this.bytes.writeUInt32LE(value % 2 ** 32, offset);
    if (size === 8) this.bytes.writeUInt32LE(Math.floor(value / 2 ** 32), offset + 4);
    if (name !== undefined) this.fields.push({ name, offset, size });
    return this;
  }

  done = (): BuiltDump => ({ bytes: this.bytes, fields: this.fields });
}

/** A full dump (DumpType 1) with these runs of pages. */
export function windowsFull(bits: 32 | 64, runs: readonly [base: number, pages: number][]): BuiltDump {
  const word = bits === 64 ? 8 : 4;
  const header = bits === 64 ? 0x2000 : 0x1000;
  const at = bits === 64 ? 0x88 : 0x64;
  const pages = runs.reduce((sum, [, count]) => sum + count, 0);
  const image = new Image(header + pages * PAGE, (i) => (i < header ? 0 : i % 251));
  image.text(0, bits === 64 ? 'PAGEDU64' : 'PAGEDUMP').number(4, at, runs.length, 'NumberOfRuns');
  image.number(word, at + word, pages, 'NumberOfPages');
  runs.forEach(([base, count], i) => {
    const run = at + 2 * word + i * 2 * word;
    image.number(word, run, base).number(word, run + word, count, `PageCount ${i}`);
  });
  return image.number(4, bits === 64 ? 0xf98 : 0xf88, 1, 'DumpType').done();
}

/** A bitmap of `bits` pages with every third of them, as Windows 8 and later write it. */
export function windowsBitmap(type: 5 | 6, bits = 100): BuiltDump {
  const present = Math.ceil(bits / 3);
  const first = 0x3000;
  const image = new Image(first + present * PAGE, (i) => (i < first ? 0 : i % 251));
  image
    .text(0, 'PAGEDU64')
    .number(4, 0xf98, type)
    .text(0x2000, type === 5 ? 'FDMPDUMP' : 'SDMPDUMP');
  image.number(8, 0x2020, first, 'FirstPage').number(8, 0x2028, present, 'present pages');
  image.number(8, 0x2030, bits);
  for (let page = 0; page < bits; page += 3) image.bytes[0x2038 + (page >> 3)]! |= 1 << (page & 7);
  return image.done();
}

/** A kernel summary dump before Windows 8 (DumpType 2). */
export function windowsSummary(bits: 32 | 64): BuiltDump {
  const start = bits === 64 ? 0x2000 : 0x1000;
  const [first, present] = [start + 0x1000, 7];
  const image = new Image(first + present * PAGE, (i) => (i < first ? 0 : i % 251));
  image.text(0, bits === 64 ? 'PAGEDU64' : 'PAGEDUMP').number(4, bits === 64 ? 0xf98 : 0xf88, 2);
  image.text(start, 'SDMPDUMP').number(4, start + 0x0c, first, 'HeaderSize');
  image
    .number(4, start + 0x10, 64)
    .number(4, start + 0x14, present, 'Pages')
    .number(4, start + 0x18, 64);
  image.bytes[start + (bits === 64 ? 0x28 : 0x20)] = 0x7f;
  return image.done();
}

/** Ranges of pages: types 8 and 9 end with a page number of 0, type 10 has a total. */
export function windowsRanges(type: 8 | 10): BuiltDump {
  const [first, ranges] = [
    0x3000,
    [
      [16, 2],
      [64, 3],
    ],
  ];
  const image = new Image(first + 5 * PAGE, (i) => (i < first ? 0 : i % 251));
  image.text(0, 'PAGEDU64').number(4, 0xf98, type).number(4, 0x2000, 0x40).text(0x2004, 'RDMPDUMP');
  image.number(8, 0x2010, first - 0x2020, 'size of the ranges').number(8, 0x2018, first, 'FirstPage');
  if (type === 10) image.number(4, 0x2020, 2).number(8, 0x2028, 5, 'total pages');
  for (const [i, [page, count]] of ranges.entries())
    image.number(8, 0x2030 + 16 * i, page!).number(8, 0x2038 + 16 * i, count!);
  return image.done();
}

/** A triage dump (DumpType 4). */
export function windowsTriage(): BuiltDump {
  const length = 0x20000;
  const image = new Image(length)
    .text(0, 'PAGEDU64')
    .number(4, 0xf98, 4)
    .text(length - 4, 'TRGD');
  image.number(4, 0x2004, length, 'SizeOfDump').number(4, 0x2008, length - 4, 'ValidOffset');
  return image.done();
}

/** A state of VMware: groups of tags, one of which has data of any length. */
export function vmwareState(memory = 3 * PAGE): BuiltDump {
  const tag = (flags: number, name: string, ...more: Buffer[]) =>
    Buffer.concat([Buffer.from([flags, name.length]), Buffer.from(name), ...more]);
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const size = Buffer.concat([u64(memory), u64(memory), Buffer.from([3, 0]), Buffer.alloc(3, 0xee)]);
  const cpu = Buffer.concat([tag(4 | 0x80, 'CR', u32(0), u32(3), u32(0x1aa000)), Buffer.alloc(2)]);
  const data = Buffer.concat([
    tag(4, 'regionsCount', u32(0)),
    tag(0x3f | 0x80, 'Memory', u32(0), u32(0), size, Buffer.alloc(memory, 7)),
    Buffer.alloc(2),
  ]);
  const start = 12 + 2 * 80;
  const image = new Image(start + cpu.length + data.length).number(4, 0, 0xbed2bed2);
  image.number(4, 4, 8).number(4, 8, 2);
  image
    .text(12, 'cpu')
    .number(8, 12 + 64, start)
    .text(92, 'memory')
    .number(8, 92 + 64, start + cpu.length);
  cpu.copy(image.bytes, start);
  data.copy(image.bytes, start + cpu.length);
  image.fields.push({
    name: 'length of the memory',
    offset: start + cpu.length + data.indexOf(u64(memory)),
    size: 8,
  });
  return image.done();
}

/** Xen's dump-core (tools/libs/ctrl, xc_core.c): ELF sections without segments, the pages among them. */
export function xenCore(pages = 6): BuiltDump {
  const names = '\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_pages\0.xen_p2m\0';
  const sizes = [0, names.length, 64, 128, pages * PAGE, pages * 16];
  const table = 64 + sizes.length * 64;
  const order = [2, 3, 4, 5, 1];
  const image = new Image(table + sizes.reduce((a, b) => a + b), (i) => (i < table ? 0 : i % 251));
  image
    .text(0, '\x7fELF\x02\x01\x01')
    .number(4, 16, (62 << 16) | 4)
    .number(4, 20, 1)
    .number(8, 40, 64);
  image
    .number(4, 52, 64)
    .number(4, 56, 64 << 16)
    .number(4, 60, (1 << 16) | sizes.length);
  let at = table;
  let name = 1;
  const nameOf = new Map<number, number>();
  for (let i = 1; i < sizes.length; i++) {
    nameOf.set(i, name);
    name = names.indexOf('\0', name) + 1;
  }
  for (const section of order) {
    const header = 64 + section * 64;
    image.number(4, header, nameOf.get(section)!).number(4, header + 4, section === 1 ? 3 : 1);
    image.number(8, header + 24, at, `offset of section ${section}`);
    image.number(8, header + 32, sizes[section]!, `size of section ${section}`);
    if (section === 1) image.text(at, names);
    at += sizes[section]!;
  }
  return image.done();
}

/** PO_MEMORY_IMAGE and pages that look compressed. */
export function hibernation(signature: string, length = 5 * PAGE): BuiltDump {
  const image = new Image(length, (i) => (i < PAGE ? 0 : (i * 7919) % 253)).text(0, signature);
  image.number(4, 4, 1, 'ImageType').number(4, 8, 0x5a17_0c3e, 'CheckSum');
  return image.number(4, 12, 0x4d8, 'LengthSelf').number(4, 16, 0).done();
}
