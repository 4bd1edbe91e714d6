import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { auxv, buildElfCore, buildStack, prstatus, registers } from './build-elf.js';
import { KINDS } from './elf-kinds.js';

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
}

const STACK = 0x7ff00000n;
const AT_EXECFN = 31;
const ENV = ['HOME=/root', 'API_TOKEN=sécret value', 'EMPTY='];
const ARGV = ['server', '--key', '', 'file name'];

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
