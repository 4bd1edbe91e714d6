import { describe, expect, test } from '@jest/globals';
import { openDump } from '../../src/dump/formats.js';
import type { Dump } from '../../src/dump/types.js';
import { bufferReader } from '../../src/storage.js';
import {
  auxv,
  type BuiltCore,
  buildElfCore,
  buildStack,
  type CoreSpec,
  ntFile,
  prpsinfo,
  prstatus,
  registers,
  Writer,
} from './build-elf.js';

const EM_X86_64 = 62;
const EM_386 = 3;
const EM_PPC64 = 21;
const EM_MIPS = 8;

const KINDS = [
  { bits: 64, endian: 'le', machine: EM_X86_64, name: 'x86-64', word: 8, count: 27, index: 19 },
  { bits: 64, endian: 'be', machine: EM_PPC64, name: 'ppc64', word: 8, count: 48, index: 1 },
  { bits: 32, endian: 'le', machine: EM_386, name: 'i386', word: 4, count: 17, index: 15 },
  { bits: 32, endian: 'be', machine: EM_MIPS, name: 'mips', word: 4, count: 45, index: 35 },
] as const;
type Kind = (typeof KINDS)[number];

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
}

/** A shared library's first page: an ELF header, two PT_LOADs and a build id. */
function libraryPage(kind: Kind, memorySize: number): Buffer {
  const { bits, endian } = kind;
  const note = new Writer(endian).u32(4, 20, 3).raw('GNU\0').raw(Buffer.alloc(20, 0xab)).done();
  const [ehsize, phentsize] = bits === 64 ? [64, 56] : [52, 32];
  const page = new Writer(endian, bits)
    .raw('\x7fELF')
    .raw(Buffer.from([bits === 64 ? 2 : 1, endian === 'le' ? 1 : 2, 1, 0]));
  page.zeros(8).u16(3, kind.machine).u32(1).word(0, ehsize, 0).u32(0).u16(ehsize, phentsize, 3, 0, 0, 0);
  const header = (type: number, offset: number, vaddr: number, filesz: number, memsz: number): void => {
    page.u32(type);
    if (bits === 64) page.u32(5);
    page.word(offset, vaddr, vaddr, filesz, memsz);
    if (bits === 32) page.u32(5);
    page.word(4096);
  };
  const noteAt = ehsize + 3 * phentsize;
  header(1, 0, 0, 4096, 4096);
  header(1, 0x2000, 0x2000, 100, memorySize - 0x2000);
  header(4, noteAt, noteAt, note.length, note.length);
  const bytes = page.raw(note).done();
  return Buffer.concat([bytes, Buffer.alloc(4096 - bytes.length)]);
}

const STACK = 0x7ff00000n;
const THREAD_STACK = 0x60000000n;
const LIBRARY = 0x50000000n;
const HEAP = 0x10000000n;
const MAPPED = 0x20000000n;
const AT_EXECFN = 31;
const ENV = ['HOME=/root', 'API_TOKEN=sécret value', 'EMPTY='];
const ARGV = ['server', '--key', '', 'file name'];

/** A process of two threads with a library, a heap, a mapped data file, and an environment. */
function processCore(
  kind: Kind,
  layout: 'kernel' | 'gcore',
): { core: BuiltCore; stack: ReturnType<typeof buildStack> } {
  const vector = (execfn: bigint) =>
    auxv(kind, [
      [6, 4096n],
      [9, 0x1234n],
      [AT_EXECFN, execfn],
    ]);
  const stack = buildStack(kind, STACK, 256, ARGV, ENV, '/usr/bin/server', vector);
  const sets = (sp: bigint) => registers(kind.endian, kind.word, kind.count, kind.index, sp);
  const page = layout === 'kernel' ? 4096 : 1;
  const core = buildElfCore({
    ...kind,
    layout,
    notes: [
      prstatus(kind, 501, 11, sets(THREAD_STACK + 64n)),
      prpsinfo(kind, 500, 'server', 'server --key  file name '),
      prstatus(kind, 500, 0, sets(STACK + 64n)),
      vector(stack.execfn),
      ntFile(kind, page, [
        { start: LIBRARY, end: LIBRARY + 0x1000n, offset: 0, path: '/lib/libkeys.so' },
        { start: LIBRARY + 0x2000n, end: LIBRARY + 0x3000n, offset: 0x2000, path: '/lib/libkeys.so' },
        { start: MAPPED, end: MAPPED + 0x100n, offset: 0x3000, path: '/srv/data.bin' },
      ]),
    ],
    segments: [
      { vaddr: HEAP, bytes: Buffer.alloc(64, 'h') },
      { vaddr: MAPPED, bytes: Buffer.alloc(64, 'm'), flags: 6 },
      { vaddr: LIBRARY, bytes: libraryPage(kind, 0x5000), flags: 4 },
      { vaddr: LIBRARY + 0x1000n, memsz: 0x1000, flags: 5 },
      { vaddr: LIBRARY + 0x2000n, bytes: Buffer.alloc(128, 'd') },
      { vaddr: LIBRARY + 0x3000n, bytes: Buffer.alloc(128, 'b'), gap: 40 },
      { vaddr: LIBRARY + 0x8000n, bytes: Buffer.alloc(16, 'r'), flags: 4 },
      { vaddr: THREAD_STACK, bytes: Buffer.alloc(128, 't') },
      { vaddr: STACK, bytes: stack.bytes },
    ],
  });
  return { core, stack };
}

describe.each(KINDS)('an ELF core of $name ($bits bit, $endian)', (kind) => {
  describe.each(['kernel', 'gcore'] as const)('as %s writes it', (layout) => {
    const { core, stack } = processCore(kind, layout);
    const dump = open(core.bytes);
    const at = (segment: number, index = 0) => dump.locate(core.offsets[segment]! + index);

    test('gives the process', () => {
      expect(dump.format).toBe('elf-core');
      expect(dump.addressSpace).toEqual({ kind: 'process', pid: 500 });
      expect(dump.process).toEqual({
        pid: 500,
        name: 'server',
        command: 'server --key  file name',
        executable: '/usr/bin/server',
        signal: 11,
        signalName: 'SIGSEGV',
        threads: 2,
        machine: kind.name,
        bits: kind.bits,
        endian: kind.endian,
        modules: [{ path: '/lib/libkeys.so', address: '0x50000000', buildId: 'ab'.repeat(20) }],
      });
      expect(dump.warnings).toEqual([]);
    });

    test('gives the segments', () => {
      const dumped = [0, 1, 2, 4, 5, 6, 7, 8];
      expect(dump.segments.map(({ offset }) => offset)).toEqual(dumped.map((index) => core.offsets[index]));
      expect(at(0, 5).address).toBe(HEAP + 5n);
      const described = dump.segments.reduce((sum, { length }) => sum + length, 0);
      expect(dump.memory).toEqual({ described, present: described, missing: [] });
    });

    test('names every place of memory', () => {
      expect(at(0).region).toEqual({ kind: 'heap' });
      expect(at(1).region).toEqual({ kind: 'mapping', name: '/srv/data.bin' });
      expect(at(2, 16).region).toEqual({ kind: 'module', name: '/lib/libkeys.so+0x10' });
      expect(at(4, 1).region).toEqual({ kind: 'module', name: '/lib/libkeys.so+0x2001' });
      // .bss: anonymous, and inside what the library's own headers claim.
      expect(at(5, 2).region).toEqual({ kind: 'module', name: '/lib/libkeys.so+0x3002' });
      expect(at(6).region).toEqual({ kind: 'mapping' });
      expect(at(7, 100).region).toEqual({ kind: 'stack', thread: 501 });
      expect(at(8, 70).region).toEqual({ kind: 'stack', thread: 500 });
    });

    test('names argument and environment strings, their last byte too', () => {
      const place = (text: string, index = 0) => {
        const address = stack.strings.get(text)! + BigInt(index);
        return dump.locate(core.offsets[8]! + Number(address - STACK)).region;
      };
      for (const text of ARGV) expect(place(text)).toEqual({ kind: 'argv' });
      expect(place('HOME=/root')).toEqual({ kind: 'environment', name: 'HOME' });
      expect(place(ENV[1]!, Buffer.byteLength(ENV[1]!))).toEqual({ kind: 'environment', name: 'API_TOKEN' });
      expect(place('EMPTY=', 6)).toEqual({ kind: 'environment', name: 'EMPTY' });
      expect(place('/usr/bin/server')).toEqual({ kind: 'stack', thread: 500 });
    });

    test('names headers, notes and gaps, and leaves no offset out', () => {
      const { notes, phoff, phnum, phentsize, shoff } = core;
      expect(dump.locate(0).region).toEqual({ kind: 'header' });
      expect(dump.locate(phoff + phnum * phentsize - 1).region).toEqual({ kind: 'header' });
      expect(dump.locate(notes.offset + 12).region).toEqual({
        kind: 'register',
        name: 'NT_PRSTATUS',
        thread: 501,
      });
      expect(dump.locate(core.offsets[5]! - 1).region).toEqual({ kind: 'gap' });
      if (layout === 'gcore') {
        expect(dump.locate(shoff).region).toEqual({ kind: 'header' });
        expect(dump.locate(shoff - 1).region).toEqual({ kind: 'header', name: '.shstrtab' });
      }
      const named = new Set<string>();
      for (let offset = 0; offset < core.bytes.length; offset++) {
        const { region } = dump.locate(offset);
        if (region.kind === 'note' || region.kind === 'register')
          named.add(`${region.name} ${region.thread}`);
      }
      expect([...named]).toEqual([
        'NT_PRSTATUS 501',
        'NT_PRPSINFO undefined',
        'NT_PRSTATUS 500',
        'NT_AUXV undefined',
        'NT_FILE undefined',
      ]);
    });
  });
});

describe('the stack pointer of', () => {
  test.each([
    ['x86-64', { bits: 64, endian: 'le', machine: 62 }, 8, 27, 19],
    ['x32', { bits: 32, endian: 'le', machine: 62 }, 8, 27, 19],
    ['i386', { bits: 32, endian: 'le', machine: 3 }, 4, 17, 15],
    ['arm', { bits: 32, endian: 'le', machine: 40 }, 4, 18, 13],
    ['aarch64', { bits: 64, endian: 'le', machine: 183 }, 8, 34, 31],
    ['ppc', { bits: 32, endian: 'be', machine: 20 }, 4, 48, 1],
    ['ppc64', { bits: 64, endian: 'be', machine: 21 }, 8, 48, 1],
    ['s390x', { bits: 64, endian: 'be', machine: 22 }, 8, 27, 17],
    ['mips o32', { bits: 32, endian: 'be', machine: 8 }, 4, 45, 35],
    ['mips n32', { bits: 32, endian: 'le', machine: 8, flags: 0x20 }, 8, 45, 29],
    ['mips n64', { bits: 64, endian: 'le', machine: 8 }, 8, 45, 29],
    ['riscv64', { bits: 64, endian: 'le', machine: 243 }, 8, 32, 2],
    ['loongarch64', { bits: 64, endian: 'le', machine: 258 }, 8, 45, 3],
  ] as const)('%s tells the stack of a thread', (_name, kind, word, count, index) => {
    const core = buildElfCore({
      ...kind,
      notes: [prstatus(kind, 77, 6, registers(kind.endian, word, count, index, 0x4010n))],
      segments: [{ vaddr: 0x4000n, bytes: Buffer.alloc(64) }],
    });
    expect(open(core.bytes).locate(core.offsets[0]!).region).toEqual({ kind: 'stack', thread: 77 });
  });

  test('several threads in one segment is the one next below', () => {
    const kind = KINDS[0];
    const sets = (sp: bigint) => registers('le', 8, 27, 19, sp);
    const core = buildElfCore({
      notes: [prstatus(kind, 2, 0, sets(0x4080n)), prstatus(kind, 1, 0, sets(0x4040n))],
      segments: [{ vaddr: 0x4000n, bytes: Buffer.alloc(256) }],
    });
    const thread = (index: number) => open(core.bytes).locate(core.offsets[0]! + index).region.thread;
    expect([0, 0x40, 0x7f, 0x80, 0xff].map(thread)).toEqual([1, 1, 1, 2, 2]);
  });
});

describe('an environment', () => {
  const kind = KINDS[0];
  const vector = (execfn: bigint) =>
    auxv(kind, [
      [6, 4096n],
      [AT_EXECFN, execfn],
    ]);
  const openStack = (bytes: Buffer, execfn: bigint): { dump: Dump; offset: number } => {
    const core = buildElfCore({ notes: [vector(execfn)], segments: [{ vaddr: STACK, bytes }] });
    return { dump: open(core.bytes), offset: core.offsets[0]! };
  };

  test('is found by its strings where the pointers beneath are gone', () => {
    const stack = buildStack(kind, STACK, 0, ARGV, ENV.slice(0, 2), '/bin/x', vector);
    const wiped = Buffer.from(stack.bytes);
    wiped.fill(0, 0, Number(stack.strings.get('server')! - STACK));
    const { dump, offset } = openStack(wiped, stack.execfn);
    const region = (text: string) => dump.locate(offset + Number(stack.strings.get(text)! - STACK)).region;
    expect(region('HOME=/root')).toEqual({ kind: 'environment', name: 'HOME' });
    expect(region('server').kind).not.toBe('argv');
  });

  test('keeps its bounds where unsetenv left more NULLs than one', () => {
    const stack = buildStack(kind, STACK, 0, ARGV, ENV, '/bin/x', vector);
    const changed = Buffer.from(stack.bytes);
    // argc, argv, NULL, then envp: the last pointer is gone.
    changed.fill(0, 8 * (1 + ARGV.length + 1 + 2), 8 * (1 + ARGV.length + 1 + 3));
    const { dump, offset } = openStack(changed, stack.execfn);
    const region = (text: string) => dump.locate(offset + Number(stack.strings.get(text)! - STACK)).region;
    expect(region('server')).toEqual({ kind: 'argv' });
    expect(region('EMPTY=')).toEqual({ kind: 'environment', name: 'EMPTY' });
  });
});

describe('a module', () => {
  const open3 = (mappings: Parameters<typeof ntFile>[2], segments: NonNullable<CoreSpec['segments']>) => {
    const core = buildElfCore({ notes: [ntFile(KINDS[0], 4096, mappings)], segments });
    const dump = open(core.bytes);
    return { dump, region: (segment: number) => dump.locate(core.offsets[segment]!).region };
  };

  test('owns its own stretches and not what lies between them', () => {
    const { dump, region } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so' },
        { start: 0x12000n, end: 0x13000n, offset: 0, path: '/srv/other' },
        { start: 0x14000n, end: 0x15000n, offset: 0x4000, path: '/lib/a.so' },
      ],
      [
        { vaddr: 0x10000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
        { vaddr: 0x11000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x12000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x14000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x15000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x18000n, bytes: Buffer.alloc(8) },
      ],
    );
    expect([0, 1, 2, 3, 4, 5].map(region)).toEqual([
      { kind: 'module', name: '/lib/a.so+0x0' },
      { kind: 'heap' },
      { kind: 'mapping', name: '/srv/other' },
      { kind: 'module', name: '/lib/a.so+0x4000' },
      { kind: 'module', name: '/lib/a.so+0x5000' },
      { kind: 'heap' },
    ]);
    expect(dump.process.modules).toHaveLength(1);
  });

  test('that is loaded twice is two', () => {
    const { dump, region } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so' },
        { start: 0x20000n, end: 0x21000n, offset: 0, path: '/lib/a.so' },
      ],
      [
        { vaddr: 0x10000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
        { vaddr: 0x20000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
      ],
    );
    expect(dump.process.modules?.map(({ address }) => address)).toEqual(['0x10000', '0x20000']);
    expect(region(1)).toEqual({ kind: 'module', name: '/lib/a.so+0x0' });
  });

  test('may have its first page missing, or be known by its name alone', () => {
    const { dump } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so.1' },
        { start: 0x20000n, end: 0x21000n, offset: 0, path: '/usr/lib/locale-archive' },
        { start: 0x30000n, end: 0x31000n, offset: 0, path: '/bin/program' },
        { start: 0x31000n, end: 0x32000n, offset: 0x1000, path: '/bin/program' },
      ],
      [{ vaddr: 0x31000n, memsz: 0x1000, flags: 5 }],
    );
    expect(dump.process.modules?.map(({ path }) => path)).toEqual(['/lib/a.so.1', '/bin/program']);
  });
});

describe('an ELF core', () => {
  const three: CoreSpec['segments'] = [
    { vaddr: 0x1000n, bytes: Buffer.alloc(16, 1) },
    { vaddr: 0x3000n, bytes: Buffer.alloc(16, 2) },
    { vaddr: 0x1010n, bytes: Buffer.alloc(16, 3) },
  ];

  test.each([32, 64] as const)(
    'of %i bits with PN_XNUM has the number of headers in section header 0',
    (bits) => {
      const core = buildElfCore({ bits, machine: bits === 64 ? 62 : 3, xnum: true, segments: three });
      const dump = open(core.bytes);
      expect(dump.segments.map(({ address }) => address)).toEqual([0x1000n, 0x3000n, 0x1010n]);
      expect(dump.warnings).toEqual([]);
      expect(dump.locate(core.shoff).region).toEqual({ kind: 'header' });
    },
  );

  test('with PN_XNUM that lost its end is read up to its first segment', () => {
    const core = buildElfCore({ xnum: true, segments: three });
    const dump = open(core.bytes.subarray(0, core.shoff));
    expect(dump.segments).toHaveLength(3);
    expect(dump.warnings.map(({ code }) => code)).toEqual(['elf-headers-truncated']);
  });

  test('with more headers than 16 bits can count', () => {
    const count = 66_000;
    const segments = Array.from({ length: count }, (_, i) => ({
      vaddr: BigInt(i) * 0x2000n,
      bytes: Buffer.of(i & 255),
    }));
    const core = buildElfCore({ xnum: true, segments });
    const dump = open(core.bytes);
    expect(dump.segments).toHaveLength(count);
    expect(dump.locate(core.offsets[65_999]!).address).toBe(65_999n * 0x2000n);
  });

  test('joins segments by address', () => {
    const core = buildElfCore({ segments: three });
    expect([...open(core.bytes).seams()]).toEqual([
      { endOffset: core.offsets[0]! + 16, offset: core.offsets[2]! },
    ]);
  });

  test('of a machine has physical addresses', () => {
    const core = buildElfCore({
      notes: [
        prstatus(KINDS[0], 1, 0, Buffer.alloc(27 * 8)),
        { owner: 'QEMU', type: 0, desc: Buffer.alloc(400) },
      ],
      segments: [{ vaddr: 0n, paddr: 0x100000n, bytes: Buffer.alloc(32), flags: 0 }],
    });
    const dump = open(core.bytes);
    expect(dump.addressSpace).toEqual({ kind: 'physical' });
    expect(dump.process).toEqual({ machine: 'x86-64', bits: 64, endian: 'le' });
    expect(dump.locate(core.offsets[0]! + 1)).toEqual({ address: 0x100001n, region: { kind: 'page' } });
    expect(dump.debuggerCommand).toBeUndefined();
  });

  test('that lists no files does not call memory a heap', () => {
    const core = buildElfCore({ segments: three });
    expect(open(core.bytes).locate(core.offsets[0]!).region).toEqual({ kind: 'mapping' });
  });

  test('says how much writable memory its writer left out, and counts it as no gap', () => {
    const core = buildElfCore({
      segments: [
        { vaddr: 0x1000n, memsz: 0x3000, flags: 6 },
        { vaddr: 0x8000n, memsz: 0x1000, flags: 5 },
        { vaddr: 0x9000n, bytes: Buffer.alloc(10) },
      ],
    });
    const dump = open(core.bytes);
    expect(dump.memory).toEqual({ described: 10, present: 10, missing: [] });
    expect(dump.warnings).toMatchObject([
      { code: 'memory-not-dumped', message: '12288 bytes of writable memory in 1 mappings were not dumped' },
    ]);
  });

  test('that is cut says which memory it lacks', () => {
    const core = buildElfCore({ segments: three });
    const dump = open(core.bytes.subarray(0, core.offsets[1]! + 4));
    expect(dump.memory).toEqual({
      described: 48,
      present: 20,
      missing: [
        { address: '0x3004', length: 12, reason: 'beyond the end of the file' },
        { address: '0x1010', length: 16, reason: 'beyond the end of the file' },
      ],
    });
  });

  test('lists missing memory up to a limit, and the rest as a sum', () => {
    const segments = Array.from({ length: 1000 }, (_, i) => ({
      vaddr: BigInt(i) * 0x2000n,
      bytes: Buffer.alloc(8),
    }));
    const core = buildElfCore({ segments });
    const { memory } = open(core.bytes.subarray(0, core.offsets[0]!));
    expect(memory!.missing).toHaveLength(257);
    expect(memory!.missing.reduce((sum, { length }) => sum + length, 0)).toBe(8000);
    expect(memory!.missing.at(-1)!.reason).toBe(
      'beyond the end of the file, in 744 ranges from this address on',
    );
  });

  test('shows a place in gdb', () => {
    const dump = open(buildElfCore({ segments: three }).bytes);
    expect(dump.debuggerCommand!(0x7f00_1234_5678n, 32)).toBe('x/32xb 0x7f0012345678');
  });

  test.each([
    ['an executable', 2],
    ['a library', 3],
    ['a relocatable object', 1],
  ])('is not what %s is', (_name, type) => {
    expect(open(buildElfCore({ type, segments: three }).bytes).format).toBe('raw');
  });
});
