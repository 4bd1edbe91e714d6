import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { Writer } from './build-elf.js';
import {
  ARCHITECTURES,
  type ArchitectureName,
  context,
  MinidumpBuilder,
  memoryInfoList,
  memoryList,
  moduleList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from './build-minidump.js';

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
}

const STACK = 0x7fff0000n;
const HEAP = 0x10000000n;
const IMAGE = 0x40000000n;
const MAPPED = 0x50000000n;

/** Two threads, a module with a PDB, and memory of each kind. */
function windowsDump(
  architecture: ArchitectureName,
  padding: boolean,
): { bytes: Buffer; builder: MinidumpBuilder } {
  const b = new MinidumpBuilder();
  const { number, context: contextSize } = ARCHITECTURES[architecture];
  const ranges = (
    [
      ['stack', STACK, 64],
      ['stack2', STACK + 0x1000n, 64],
      ['heap', HEAP, 32],
      ['image', IMAGE + 0x100n, 32],
      ['mapped', MAPPED, 32],
      ['other', MAPPED + 0x8000n, 16],
    ] as const
  ).map(([label, address, size]) => ({ address, size, rva: b.put(Buffer.alloc(size, label), label) }));
  const contexts = [STACK + 16n, STACK + 0x1010n].map((sp, i) =>
    b.put(context(architecture, sp), `context${i}`),
  );
  const threads = [11, 12].map((id, i) => ({
    id,
    stack: ranges[i]!,
    context: { rva: contexts[i]!, size: contextSize },
  }));
  const guid = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const pdb = new Writer('le').raw('RSDS').raw(guid).u32(0x1a).raw('app.pdb\0').done();
  const modules = [
    {
      base: IMAGE,
      size: 0x1000,
      nameRva: b.string('C:\\app\\sïgn.exe', 'moduleName'),
      codeView: { rva: b.put(pdb, 'codeView'), size: pdb.length },
    },
  ];
  const name = b.string('signer', 'threadName');
  const bytes = b
    .stream(STREAM.system, systemInfo(number, PLATFORM.windows), 'system')
    .stream(STREAM.misc, new Writer('le').u32(24, 1, 4242, 0, 0, 0).done())
    .stream(STREAM.exception, new Writer('le').u32(12, 0, 0xc0000005, 0).zeros(144).u32(0, 0).done())
    .stream(STREAM.threads, threadList(threads, padding))
    .stream(STREAM.names, new Writer('le').u32(1, 12).u64(name).done())
    .stream(STREAM.modules, moduleList(modules, padding))
    .stream(STREAM.memory, memoryList(ranges, padding))
    .stream(
      STREAM.info,
      memoryInfoList([
        { address: HEAP, size: 0x1000, protect: 4, type: 0x20000 },
        { address: MAPPED, size: 0x1000, protect: 4, type: 0x40000 },
        { address: MAPPED + 0x8000n, size: 0x1000, protect: 2, type: 0x20000 },
      ]),
    )
    .done();
  return { bytes, builder: b };
}

describe.each(['x86', 'amd64', 'arm64', 'arm'] as const)('a minidump of %s', (architecture) => {
  describe.each([false, true])('with padding after counts: %s', (padding) => {
    const { bytes, builder } = windowsDump(architecture, padding);
    const dump = open(bytes);
    const region = (label: string, index = 0) => dump.locate(builder.rva(label) + index).region;

    test('has the facts of the process', () => {
      expect(dump.format).toBe('minidump');
      expect(dump.process).toEqual({
        pid: 4242,
        name: 'sïgn.exe',
        executable: 'C:\\app\\sïgn.exe',
        signal: 0xc0000005,
        signalName: 'EXCEPTION_ACCESS_VIOLATION',
        threads: 2,
        machine: { x86: 'i386', amd64: 'x86-64', arm64: 'aarch64', arm: 'arm' }[architecture],
        bits: ARCHITECTURES[architecture].word * 8,
        endian: 'le',
        modules: [
          {
            path: 'C:\\app\\sïgn.exe',
            address: '0x40000000',
            buildId: '33221100554477668899AABBCCDDEEFF1A',
          },
        ],
      });
      expect(dump.locate(0).addressSpace).toEqual({ kind: 'process', pid: 4242 });
      expect(dump.warnings).toEqual([]);
    });

    test('counts a stack once that the memory list names too', () => {
      expect(dump.segments).toHaveLength(6);
      expect(dump.memory).toEqual({ described: 240, present: 240, missing: [] });
    });

    test('names every place', () => {
      expect(region('stack', 63)).toEqual({ kind: 'stack', thread: 11 });
      expect(region('stack2')).toEqual({ kind: 'stack', thread: 12, name: 'signer' });
      expect(region('heap')).toEqual({ kind: 'heap' });
      expect(region('image', 1)).toEqual({ kind: 'module', name: 'C:\\app\\sïgn.exe+0x101' });
      expect(region('mapped')).toEqual({ kind: 'mapping' });
      expect(region('other')).toEqual({ kind: 'mapping' });
      expect(region('context1', 40)).toEqual({ kind: 'register', name: 'CONTEXT', thread: 12 });
      expect(region('moduleName', 5)).toEqual({ kind: 'note', name: 'ModuleName' });
      expect(region('threadName', 5)).toEqual({ kind: 'note', name: 'ThreadName' });
      expect(region('codeView')).toEqual({ kind: 'note', name: 'CvRecord' });
      expect(region('system')).toEqual({ kind: 'note', name: 'SystemInfoStream' });
      expect(dump.locate(0).region).toEqual({ kind: 'header', name: 'MINIDUMP_HEADER' });
      expect(dump.locate(32).region).toEqual({ kind: 'header', name: 'MINIDUMP_DIRECTORY' });
      expect(dump.locate(builder.rva('heap') + 3).address).toBe(HEAP + 3n);
    });
  });
});
