import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { Writer } from './build-elf.js';
import {
  ARCHITECTURES,
  context,
  MinidumpBuilder,
  memory64List,
  memoryList,
  moduleList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadExList,
  threadList,
} from './build-minidump.js';

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
}

const STACK = 0x7fff0000n;
const HEAP = 0x10000000n;
const IMAGE = 0x40000000n;
const MAPPED = 0x50000000n;

describe('a minidump', () => {
  test('with Memory64List lays its ranges one after another, and finds stacks by their address', () => {
    const b = new MinidumpBuilder();
    const contextRva = b.put(context('amd64', STACK + 0x2010n));
    const threads = [
      { id: 1, stack: { address: STACK, size: 0x40, rva: 0 }, context: { rva: 0, size: 0 } },
      { id: 2, stack: { address: 0n, size: 0, rva: 0 }, context: { rva: contextRva, size: 1232 } },
    ];
    b.stream(STREAM.system, systemInfo(9, PLATFORM.windows)).stream(STREAM.threads, threadList(threads));
    const base = b.put(Buffer.alloc(0x140, 7));
    const ranges = [
      { address: STACK, size: 0x40 },
      { address: HEAP, size: 0x80 },
      { address: STACK + 0x2000n, size: 0x40 },
      { address: HEAP + 0x80n, size: 0x40 },
    ];
    const dump = open(b.stream(STREAM.memory64, memory64List(base, ranges)).done());
    expect(dump.segments.map(({ offset }) => offset - base)).toEqual([0, 0x40, 0xc0, 0x100]);
    expect(dump.locate(base).region).toEqual({ kind: 'stack', thread: 1 });
    expect(dump.locate(base + 0xc0).region).toEqual({ kind: 'stack', thread: 2 });
    expect([...dump.seams()]).toEqual([
      { endOffset: base + 0xc0, offset: base + 0x100, address: HEAP + 0x80n },
    ]);
  });

  test.each([
    ['', false],
    [', with padding', true],
  ] as const)('has the threads of a ThreadExList as those of a ThreadList%s', (_, padding) => {
    const read = (type: number, list: typeof threadList) => {
      const b = new MinidumpBuilder();
      const at = { rva: b.put(context('amd64', HEAP + 0x10n)), size: 1232 };
      const stacks = [
        b.put(Buffer.alloc(0x40, 1)),
        b.put(Buffer.alloc(0x40, 2)),
        b.put(Buffer.alloc(0x40, 3)),
      ];
      const threads = [
        { id: 1, stack: { address: STACK, size: 0x40, rva: stacks[0]! }, context: { rva: 0, size: 0 } },
        { id: 2, stack: { address: MAPPED, size: 0x40, rva: stacks[1]! }, context: { rva: 0, size: 0 } },
        { id: 3, stack: { address: 0n, size: 0, rva: 0 }, context: at },
      ];
      const name = b.string('worker');
      const dump = open(
        b
          .stream(STREAM.system, systemInfo(9, PLATFORM.windows))
          .stream(STREAM.names, new Writer('le').u32(1, 2).u64(name).done())
          .stream(STREAM.memory, memoryList([{ address: HEAP, size: 0x40, rva: stacks[2]! }]))
          .stream(type, list(threads, padding))
          .done(),
      );
      const places = [...stacks, at.rva].map((rva) => dump.locate(rva));
      return { places, threads: dump.process.threads, memory: dump.memory, warnings: dump.warnings };
    };
    const plain = read(STREAM.threads, threadList);
    expect(plain).toMatchObject({
      places: [
        { address: STACK, region: { kind: 'stack', thread: 1 } },
        { address: MAPPED, region: { kind: 'stack', thread: 2, name: 'worker' } },
        { address: HEAP, region: { kind: 'stack', thread: 3 } },
        { region: { kind: 'register', name: 'CONTEXT', thread: 3 } },
      ],
      threads: 3,
      warnings: [],
    });
    expect(read(STREAM.threadsEx, threadExList)).toEqual(plain);
  });

  test.each([
    ['ThreadListStream', STREAM.threads],
    ['ThreadExListStream', STREAM.threadsEx],
  ] as const)('whose %s claims more threads than it holds names that list', (name, type) => {
    const bytes = new MinidumpBuilder().stream(type, new Writer('le').u32(9).zeros(64).done()).done();
    expect(open(bytes).warnings.map(({ message }) => message)).toEqual([
      `${name} was read up to entry 1 of 9`,
    ]);
  });

  test('by Breakpad on Linux has its command line, environment and maps', () => {
    const b = new MinidumpBuilder();
    const heap = b.put(Buffer.alloc(32), 'heap');
    const file = b.put(Buffer.alloc(32), 'file');
    const library = b.put(Buffer.alloc(32), 'library');
    const buildId = Buffer.alloc(20, 0xcd);
    const elf = Buffer.concat([Buffer.from('LEpB'), buildId]);
    const codeView = { rva: b.put(elf), size: elf.length };
    const module = { base: IMAGE, size: 0x1000, nameRva: b.string('/usr/bin/server'), codeView };
    const environment = b.put(Buffer.from('HOME=/root\0TOKEN=a=b\0broken\0LAST=x'), 'environment');
    const bytes = b
      .stream(STREAM.system, systemInfo(9, PLATFORM.linux))
      .stream(STREAM.modules, moduleList([module]))
      .stream(STREAM.exception, new Writer('le').u32(7, 0, 11, 0).zeros(144).u32(0, 0).done())
      .stream(STREAM.status, Buffer.from('Name:\tserver\nTgid:\t99\nPid:\t99\n'))
      .stream(STREAM.commandLine, Buffer.from('/usr/bin/server\0--port\0' + '80\0'), 'commandLine')
      .streamAt(STREAM.environment, environment, 34)
      .stream(
        STREAM.maps,
        Buffer.from(
          '10000000-10001000 rw-p 00000000 00:00 0                          [heap]\n' +
            '50000000-50001000 rw-p 00000000 08:01 42   /srv/a b.bin\nnonsense\n' +
            '50002000-50003000 r-xp 00000000 08:01 43   /lib/a.so\n' +
            '50003000-50004000 rw-p 00001000 08:01 43   /lib/a.so\n',
        ),
      )
      .stream(
        STREAM.memory,
        memoryList([
          { address: HEAP, size: 32, rva: heap },
          { address: MAPPED, size: 32, rva: file },
          { address: MAPPED + 0x3000n, size: 32, rva: library },
        ]),
      )
      .done();
    const dump = open(bytes);
    const region = (label: string, index = 0) => dump.locate(b.rva(label) + index).region;
    expect(dump.process).toMatchObject({
      pid: 99,
      command: '/usr/bin/server --port 80',
      signal: 11,
      signalName: 'SIGSEGV',
      modules: [{ buildId: 'cd'.repeat(20) }],
    });
    expect(region('heap')).toEqual({ kind: 'heap' });
    expect(region('file')).toEqual({ kind: 'mapping', name: '/srv/a b.bin' });
    expect(region('library')).toEqual({ kind: 'module', name: '/lib/a.so+0x1000' });
    expect(region('commandLine', 3)).toEqual({ kind: 'argv' });
    expect(region('environment', 10)).toEqual({ kind: 'environment', name: 'HOME' });
    expect(region('environment', 11)).toEqual({ kind: 'environment', name: 'TOKEN' });
    expect(region('environment', 22)).toEqual({ kind: 'environment' });
    expect(region('environment', 33)).toEqual({ kind: 'environment', name: 'LAST' });
  });

  test.each([
    ['windows', 0x0517a7ed],
    ['mac', 0x43507378],
    ['linux', 0xffffffff],
  ] as const)(
    'of a process of %s that did not crash has the signal name DUMP_REQUESTED',
    (platform, code) => {
      const bytes = new MinidumpBuilder()
        .stream(STREAM.system, systemInfo(9, PLATFORM[platform]))
        .stream(STREAM.exception, new Writer('le').u32(7, 0, code, 0).zeros(144).u32(0, 0).done())
        .done();
      expect(open(bytes).process).toMatchObject({ signal: code, signalName: 'DUMP_REQUESTED' });
    },
  );

  test.each([
    ['x86', 4, 0x30, 0x10, 0x40, 0x48],
    ['amd64', 8, 0x60, 0x20, 0x70, 0x80],
  ] as const)(
    'of Windows (%s) has its command line and environment',
    (name, word, peb, parameters, line, environment) => {
      const [TEB, PEB, PARAMETERS, LINE, BLOCK] = [0x1000n, 0x2000n, 0x3000n, 0x4000n, 0x5000n];
      const b = new MinidumpBuilder();
      const pointing = (label: string, address: bigint, pairs: [at: number, value: bigint][]) => {
        const bytes = Buffer.alloc(0x100);
        for (const [at, value] of pairs) bytes.writeBigUInt64LE(value, at);
        return { address, size: bytes.length, rva: b.put(bytes, label) };
      };
      const text = (label: string, address: bigint, value: string) => {
        const bytes = Buffer.from(value, 'utf16le');
        return { address, size: bytes.length, rva: b.put(bytes, label) };
      };
      const command = '"C:\\a b.exe" --key';
      const ranges = [
        pointing('teb', TEB, [[peb, PEB]]),
        pointing('peb', PEB, [[parameters, PARAMETERS]]),
        pointing('parameters', PARAMETERS, [
          [line, BigInt(command.length * 2)],
          [line + word, LINE],
          [environment, BLOCK],
        ]),
        text('line', LINE, `${command}\0behind`),
        text('block', BLOCK, '=C:=C:\\x\0Ā=ȁ\0TOKEN=a=b\0\0behind'),
      ];
      const { number } = ARCHITECTURES[name];
      const thread = {
        id: 1,
        teb: TEB,
        stack: { address: 0n, size: 0, rva: 0 },
        context: { rva: 0, size: 0 },
      };
      const dump = open(
        b
          .stream(STREAM.system, systemInfo(number, PLATFORM.windows))
          .stream(STREAM.threads, threadList([thread]))
          .stream(STREAM.memory, memoryList(ranges))
          .done(),
      );
      const region = (label: string, character: number) => dump.locate(b.rva(label) + 2 * character).region;
      expect(dump.process.command).toBe(command);
      expect(region('line', command.length - 1)).toEqual({ kind: 'argv' });
      expect(region('line', command.length + 1)).toEqual({ kind: 'mapping' });
      expect(region('block', 3)).toEqual({ kind: 'environment', name: '=C:' });
      // Characters whose low byte is zero do not end a string.
      expect(region('block', 9)).toEqual({ kind: 'environment', name: 'Ā' });
      expect(region('block', 20)).toEqual({ kind: 'environment', name: 'TOKEN' });
      expect(region('block', 25)).toEqual({ kind: 'mapping' });
    },
  );

  test('by Crashpad has its annotations named', () => {
    const b = new MinidumpBuilder();
    const dictionary = (pairs: [string, string][]) => {
      const list = new Writer('le').u32(pairs.length);
      for (const [key, value] of pairs) list.u32(b.utf8(key), b.utf8(value, key));
      const bytes = list.done();
      return { rva: b.put(bytes), size: bytes.length };
    };
    const simple = dictionary([
      ['channel', 'stable'],
      ['token', 'abcdef'],
    ]);
    const inModule = dictionary([['module-key', 'value']]);
    const object = new Writer('le')
      .u32(1, b.utf8('object'))
      .u16(1, 0)
      .u32(b.utf8('object value', 'object'))
      .done();
    const listed = new Writer('le').u32(1, b.utf8('just a line', 'listed')).done();
    const objectRva = b.put(object);
    const listedRva = b.put(listed);
    const module = new Writer('le')
      .u32(1, listed.length, listedRva, inModule.size, inModule.rva, object.length, objectRva)
      .done();
    const moduleRva = b.put(module);
    const links = new Writer('le').u32(1, 0, module.length, moduleRva).done();
    const linksRva = b.put(links);
    const info = new Writer('le')
      .u32(1)
      .zeros(32)
      .u32(simple.size, simple.rva, links.length, linksRva)
      .done();
    const dump = open(b.stream(STREAM.crashpad, info).done());
    const name = (label: string) => dump.locate(b.rva(label) + 5).region;
    expect(name('token')).toEqual({ kind: 'note', name: 'Crashpad annotation token' });
    expect(name('module-key')).toEqual({ kind: 'note', name: 'Crashpad annotation module-key' });
    expect(name('object')).toEqual({ kind: 'note', name: 'Crashpad annotation object' });
    expect(name('listed')).toEqual({ kind: 'note', name: 'Crashpad annotation' });
  });

  test('names the strings of handles and unloaded modules', () => {
    const b = new MinidumpBuilder();
    const type = b.string('File', 'type');
    const object = b.string('\\Device\\x', 'object');
    const unloaded = b.string('old.dll', 'unloaded');
    const handles = new Writer('le')
      .u32(16, 32, 2, 0)
      .u64(4)
      .u32(type, object)
      .zeros(16)
      .u64(8)
      .u32(0, 0)
      .zeros(16);
    const modules = new Writer('le').u32(12, 24, 1).u64(IMAGE).u32(0x1000, 0, 0, unloaded);
    const dump = open(
      b.stream(STREAM.handles, handles.done()).stream(STREAM.unloaded, modules.done()).done(),
    );
    const region = (label: string) => dump.locate(b.rva(label) + 4).region;
    expect(region('type')).toEqual({ kind: 'note', name: 'HandleDataStream TypeName' });
    expect(region('object')).toEqual({ kind: 'note', name: 'HandleDataStream ObjectName' });
    expect(region('unloaded')).toEqual({ kind: 'note', name: 'UnloadedModuleListStream ModuleName' });
    expect(dump.locate(0).region.kind).toBe('header');
  });

  test('sweeps streams of unknown type, and says where they lie', () => {
    const b = new MinidumpBuilder();
    const dump = open(b.stream(0x4d7a0001, Buffer.alloc(40), 'odd').done());
    expect(dump.locate(b.rva('odd')).region).toEqual({ kind: 'note', name: 'stream 0x4d7a0001' });
  });

  test('that is cut says which memory it lacks', () => {
    const b = new MinidumpBuilder();
    b.stream(
      STREAM.memory,
      memoryList([
        { address: HEAP, size: 100, rva: 600 },
        { address: MAPPED, size: 50, rva: 0xffffff00 },
      ]),
    );
    const bytes = Buffer.concat([b.done(), Buffer.alloc(600)]).subarray(0, 640);
    expect(open(bytes).memory).toEqual({
      described: 150,
      present: 40,
      missing: [
        { address: '0x10000028', length: 60, reason: 'beyond the end of the file' },
        { address: '0x50000000', length: 50, reason: 'beyond the end of the file' },
      ],
    });
  });

  test('whose directory claims more streams than the file holds says so', () => {
    const dump = open(new MinidumpBuilder(1).stream(STREAM.system, systemInfo(9, 2)).done(0xffffffff));
    expect(dump.warnings.map(({ code }) => code)).toEqual(['minidump-directory-truncated']);
    expect(dump.process.machine).toBe('x86-64');
  });

  test.each([
    ['one', [40], 1, 'stream 0x4d7a0001 is past the end of the file, in part or whole'],
    ['two', [40, 40], 60, 'stream 0x4d7a0001 is past the end of the file, in part or whole, and 1 more'],
    ['none', [40], 0, undefined],
  ])('reports streams past the end of the file: %s', (_, sizes, cut, message) => {
    const b = new MinidumpBuilder();
    sizes.forEach((size, i) => {
      b.stream(0x4d7a0001 + i, Buffer.alloc(size));
    });
    const bytes = b.done();
    const { warnings } = open(bytes.subarray(0, bytes.length - cut));
    expect(warnings.map((warning) => warning.message)).toEqual(message === undefined ? [] : [message]);
  });

  test('cut inside its header is swept without addresses', () => {
    const dump = open(new MinidumpBuilder().done().subarray(0, 12));
    expect(dump).toMatchObject({
      format: 'minidump',
      segments: [],
      warnings: [{ code: 'format-not-parsed' }],
    });
  });
});
