import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openDump } from '../../src/dump/formats.js';
import { bufferReader } from '../../src/storage.js';
import { describeWithSamples } from '../support/samples.js';
import { Writer } from './build-elf.js';
import { MinidumpBuilder, memory64List, memoryList, systemInfo, threadList } from './build-minidump.js';
import { checkChanges, checkCuts, explore } from './explore.js';

/** Each u32 of the first `count` set to 0, to all ones, and to the one after it. */
function* mutations(bytes: Buffer, count: number): Generator<Buffer> {
  for (let at = 4; at + 8 <= bytes.length && at < count * 4; at += 4) {
    for (const value of [0, 0xffffffff, bytes.readUInt32LE(at + 4)]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(value, at);
      yield changed;
    }
  }
}

function smallDump(): Buffer {
  const b = new MinidumpBuilder(6);
  const rva = b.put(Buffer.alloc(64, 5));
  const thread = { id: 1, stack: { address: 0x1000n, size: 64, rva }, context: { rva, size: 64 } };
  return b
    .stream(7, systemInfo(9, 0x8201))
    .stream(3, threadList([thread]))
    .stream(5, memoryList([{ address: 0x1000n, size: 64, rva }]))
    .stream(
      9,
      memory64List(rva, [
        { address: 0x3000n, size: 32 },
        { address: 0x1040n, size: 32 },
      ]),
    )
    .done();
}

describe('a damaged minidump', () => {
  test('with any number changed is still swept', () => {
    const bytes = smallDump();
    expect(() => [...mutations(bytes, bytes.length / 4)].map(explore)).not.toThrow();
  });

  test('with any bytes changed is still swept', () => {
    expect(() => checkChanges(smallDump(), 500)).not.toThrow();
  });

  test('cut anywhere says what it lacks', () => {
    const bytes = smallDump();
    expect(() => checkCuts(bytes, bytes.length)).not.toThrow();
  });

  test.each([3, 4, 5, 8, 9, 12, 14, 16, 24, 0x43500001])(
    'with 2^32-1 entries in stream %i reads what there is',
    (type) => {
      const body = new Writer('le').u32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff).zeros(400).done();
      const bytes = new MinidumpBuilder().stream(type, body).done();
      expect(explore(bytes).format).toBe('minidump');
    },
  );

  test('whose streams overlap, alias and point outside is still swept', () => {
    const b = new MinidumpBuilder();
    for (const type of [
      3, 4, 5, 6, 7, 9, 12, 14, 15, 16, 24, 0x47670006, 0x47670007, 0x47670009, 0x43500001,
    ]) {
      b.streamAt(type, type % 2 === 0 ? 0 : 0xfffffff0, 0xffffffff);
    }
    expect(explore(Buffer.concat([b.done(), Buffer.alloc(1000, 0x41)])).format).toBe('minidump');
  });

  test('whose ranges all claim the whole file opens in time that grows with their number', () => {
    const ranges = Array.from({ length: 20_000 }, (_, i) => ({ address: BigInt(i), size: 0x100000, rva: 0 }));
    const dump = explore(new MinidumpBuilder().stream(5, memoryList(ranges)).done());
    expect(dump.segments).toHaveLength(20_000);
  });
});

/** Facts of the samples as google/breakpad's and rust-minidump's own tests state them, and what the readers of others print. */
const SAMPLES: [name: string, facts: Record<string, unknown>, modules: number, ranges: number][] = [
  ['google-minidump2.dmp', { pid: 3932, threads: 2, machine: 'i386', executable: 'c:\\test_app.exe' }, 13, 3],
  ['google-ascii_read_av.dmp', { pid: 5376, threads: 2, signalName: 'EXCEPTION_ACCESS_VIOLATION' }, 26, 5],
  ['llvm-mirror-regions-memlist64.dmp', { threads: 0, machine: 'aarch64' }, 0, 2],
  ['llvm-mirror-fizzbuzz_no_heap.dmp', { pid: 4440, threads: 1, machine: 'i386' }, 6, 2],
  ['llvm-mirror-sigsegv.dmp', { pid: 13052, threads: 1, machine: 'x86-64' }, 4, 15],
  ['rust-minidump-linux-mini.dmp', { pid: 1304, command: './crash', signalName: 'SIGSEGV' }, 8, 2],
  ['rust-minidump-simple-crashpad.dmp', { pid: 56685, threads: 1 }, 40, 1],
  ['electron-linux.dmp', { pid: 30658, threads: 11, signalName: 'SIGILL' }, 187, 12],
];

describeWithSamples('a real minidump', (samples) => {
  const folder = join(samples, 'minidump');
  const read = (name: string) => readFileSync(join(folder, name));

  test.each(SAMPLES)('%s gives the process', (name, facts, modules, ranges) => {
    const dump = openDump(bufferReader(read(name)));
    expect(dump.process).toMatchObject(facts);
    expect(dump.process.modules).toHaveLength(modules);
    expect(dump.segments).toHaveLength(ranges);
    expect(dump.warnings).toEqual([]);
  });

  test.each([
    ['rust-minidump-linux-mini.dmp', ['HOME', 'PATH']],
    ['electron-windows.dmp', ['APPDATA', 'PATHEXT']],
    ['llvm-mirror-sigsegv.dmp', ['APPDATA', 'Path']],
  ])('%s names the variables of its environment', (name, variables) => {
    const bytes = read(name);
    const dump = openDump(bufferReader(bytes));
    const found = new Set<string | undefined>();
    for (let offset = 0; offset < bytes.length; offset++) {
      const { region } = dump.locate(offset);
      if (region.kind === 'environment') found.add(region.name);
    }
    expect([...found]).toEqual(expect.arrayContaining(variables));
  });

  // Each number three times: 510 mutated files of every sample.
  test.each(readdirSync(folder))('%s cut at 500 points, and with each of 170 numbers changed', (name) => {
    const bytes = read(name);
    expect(() => checkCuts(bytes, 500)).not.toThrow();
    for (const mutant of mutations(bytes, 170)) expect(() => explore(mutant)).not.toThrow();
  });
});
