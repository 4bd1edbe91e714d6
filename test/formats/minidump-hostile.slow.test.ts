import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { cases } from '../support/property.js';
import { describeWithSamples } from '../support/samples.js';
import { Writer } from './build-elf.js';
import {
  MinidumpBuilder,
  memory64List,
  memoryList,
  STREAM,
  systemInfo,
  threadExList,
  threadList,
} from './build-minidump.js';
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

/** Where the streams of a hostile directory lie, by index. */
const ODD_PLACES: [what: string, place: (index: number) => [rva: number, size: number]][] = [
  ['alias the header', () => [0, 0xffffffff]],
  ['all name the same bytes', () => [400, 600]],
  ['overlap', (index) => [330 + index * 3, 500]],
  ['point outside', () => [0xfffffff0, 0xffffffff]],
  ['alias the header and point outside', (index) => [index % 2 === 0 ? 0 : 0xfffffff0, 0xffffffff]],
];

/** A dump with a ThreadList or a ThreadExList, whose type is given. */
function smallDump(threads: 3 | 8 = 3): Buffer {
  const b = new MinidumpBuilder(9);
  const rva = b.put(Buffer.alloc(64, 5));
  const thread = { id: 1, stack: { address: 0x1000n, size: 64, rva }, context: { rva, size: 64 } };
  return b
    .stream(7, systemInfo(9, 0x8201))
    .stream(threads, (threads === 3 ? threadList : threadExList)([thread]))
    .stream(STREAM.commentA, Buffer.from('a remark'))
    .stream(STREAM.commentW, Buffer.from('a remark', 'utf16le'))
    .stream(STREAM.auxv, new Writer('le').u64(31, 0x1030, 0, 0).done())
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

const LISTS = [[3], [8]] as [3 | 8][];

describe('a damaged minidump', () => {
  test.each(LISTS)('with any number changed is still swept (stream %i)', (threads) => {
    const bytes = smallDump(threads);
    expect(() => [...mutations(bytes, bytes.length / 4)].map(explore)).not.toThrow();
  });

  test.each(LISTS)('with any bytes changed is still swept (stream %i)', (threads) => {
    expect(() => checkChanges(smallDump(threads), 500)).not.toThrow();
  });

  test.each(LISTS)('cut anywhere says what it lacks (stream %i)', (threads) => {
    const bytes = smallDump(threads);
    expect(() => checkCuts(bytes, bytes.length)).not.toThrow();
  });

  test.each(Object.entries(STREAM))('with 2^32-1 entries in stream %s reads what there is', (_name, type) => {
    const body = new Writer('le').u32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff).zeros(400).done();
    const bytes = new MinidumpBuilder().stream(type, body).done();
    expect(explore(bytes).format).toBe('minidump');
  });

  test.each(ODD_PLACES)('whose streams %s is still swept', (_what, place) => {
    // Without ThreadListStream the other list is read.
    for (const left of [undefined, STREAM.threads]) {
      const b = new MinidumpBuilder();
      const types = Object.values(STREAM).filter((type) => type !== left);
      types.forEach((type, index) => {
        const [rva, size] = place(index);
        b.streamAt(type, rva, size);
      });
      const bytes = Buffer.concat([b.done(), Buffer.alloc(1000, 0x41)]);
      const dump = explore(bytes);
      expect(dump.format).toBe('minidump');
      expect(dump.warnings.map(({ code }) => code)).toContain('minidump-list-truncated');
    }
  });

  test('whose ranges all claim the whole file is opened in linear time', () => {
    const ranges = Array.from({ length: 20_000 }, (_, i) => ({ address: BigInt(i), size: 0x100000, rva: 0 }));
    const dump = explore(new MinidumpBuilder().stream(5, memoryList(ranges)).done());
    expect(dump.segments).toHaveLength(20_000);
  });
});

/** Facts from the tests of google/breakpad and rust-minidump, and from the output of other readers. */
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

  test.each(SAMPLES)('%s has the facts of the process', (name, facts, modules, ranges) => {
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

  // Each number three times: at night 510 mutated files of every sample.
  const [points, numbers] = [cases(500), cases(170)];
  test.each(readdirSync(folder))(
    `%s cut at ${points} points, and with each of ${numbers} numbers changed`,
    (name) => {
      const bytes = read(name);
      expect(() => checkCuts(bytes, points)).not.toThrow();
      for (const mutant of mutations(bytes, numbers)) expect(() => explore(mutant)).not.toThrow();
    },
  );
});
