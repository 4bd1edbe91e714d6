import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import {
  auxv,
  type BuiltCore,
  buildElfCore,
  buildStack,
  ntFile,
  prpsinfo,
  prstatus,
  registers,
} from './build-elf.js';
import { KINDS, type Kind, libraryPage } from './elf-kinds.js';

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
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

    test('has the facts of the process', () => {
      expect(dump.format).toBe('elf-core');
      expect(dump.locate(0).addressSpace).toEqual({ kind: 'process', pid: 500 });
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

    test('has the segments', () => {
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
