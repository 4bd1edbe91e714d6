import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bufferReader, openStorage } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import fc from '../support/property.js';
import { describeWithSamples } from '../support/samples.js';
import { ints, MachoBuilder, type Shape } from './build-macho.js';
import { checkCuts, explore } from './explore.js';

const X64: Shape = { bits: 64, order: 'le', cputype: 0x01000007 };
const PAGE = 4096;

/** Registers with the stack pointer at its place. */
function registers(order: 'le' | 'be', size: number, at: number, word: 4 | 8, sp: bigint): Buffer {
  const bytes = Buffer.alloc(size);
  ints(order, [word, sp]).copy(bytes, at);
  return bytes;
}

const MACHINES: [name: string, shape: Shape, state: (sp: bigint) => { flavor: number; words: Buffer }][] = [
  ['x86-64', X64, (sp) => ({ flavor: 4, words: registers('le', 168, 56, 8, sp) })],
  [
    'x86-64',
    X64,
    (sp) => ({
      flavor: 7,
      words: Buffer.concat([ints('le', [4, 4], [4, 42]), registers('le', 168, 56, 8, sp)]),
    }),
  ],
  [
    'aarch64',
    { bits: 64, order: 'le', cputype: 0x0100000c },
    (sp) => ({ flavor: 6, words: registers('le', 272, 248, 8, sp) }),
  ],
  [
    'i386',
    { bits: 32, order: 'le', cputype: 7 },
    (sp) => ({ flavor: 1, words: registers('le', 64, 28, 4, sp) }),
  ],
  [
    'arm',
    { bits: 32, order: 'be', cputype: 12 },
    (sp) => ({ flavor: 1, words: registers('be', 68, 52, 4, sp) }),
  ],
];

describe('a Mach-O core', () => {
  test.each(MACHINES)('of %s has segments, threads and their stacks', (machine, shape, state) => {
    const other = { flavor: 99, words: Buffer.alloc(16) };
    const b = new MachoBuilder(shape)
      .thread(other, state(0x7000_1100n))
      .thread(state(0x7000_0800n))
      .segment(0x1000n, Buffer.alloc(PAGE, 1))
      .segment(0x7000_0000n, Buffer.alloc(2 * PAGE, 2))
      .segment(0x2000n, Buffer.alloc(PAGE, 3));
    const dump = openDump(bufferReader(b.done()));
    const [first, stack, last] = b.offsets();
    expect(dump).toMatchObject({
      format: 'mach-o-core',
      process: { machine, bits: shape.bits, endian: shape.order, threads: 2 },
      segments: [
        { offset: first, address: 0x1000n, length: PAGE },
        { offset: stack, address: 0x7000_0000n, length: 2 * PAGE },
        { offset: last, address: 0x2000n, length: PAGE },
      ],
      memory: { described: 4 * PAGE, present: 4 * PAGE, missing: [] },
      warnings: [],
    });
    expect(dump.locate(stack! + 0x900)).toMatchObject({
      address: 0x7000_0900n,
      region: { kind: 'stack', thread: 1 },
    });
    expect(dump.locate(stack! + 0x1200)).toMatchObject({
      address: 0x7000_1200n,
      region: { kind: 'stack', thread: 0 },
    });
    expect(dump.locate(first!)).toMatchObject({ address: 0x1000n, region: { kind: 'mapping' } });
    expect(dump.locate(0)).toMatchObject({ region: { kind: 'header' } });
    const command = shape.bits === 64 ? 32 : 28;
    expect(dump.locate(command + 20)).toMatchObject({
      region: { kind: 'register', name: 'LC_THREAD', thread: 0 },
    });
    expect([...dump.seams()]).toEqual([{ endOffset: first! + PAGE, offset: last, address: 0x2000n }]);
  });

  test('names the modules that begin a segment or that a note lists', () => {
    const uuid = '00112233445566778899aabbccddeeff';
    const dylib = new MachoBuilder({ ...X64, filetype: 6 })
      .command(
        0xd,
        Buffer.concat([ints('le', [4, 24], [4, 0], [4, 0], [4, 0]), Buffer.from('/usr/lib/libx.dylib\0')]),
      )
      .command(0x1b, Buffer.from(uuid, 'hex'))
      .segment(0n, Buffer.alloc(0), { name: '__TEXT', vmsize: PAGE })
      .segment(0x4000n, Buffer.alloc(0), { name: '__DATA', vmsize: PAGE })
      .segment(0x9000n, Buffer.alloc(0), { name: '__LINKEDIT', vmsize: 2 ** 30 })
      .done();
    const text = Buffer.concat([dylib, Buffer.alloc(PAGE - dylib.length)]);
    const path = Buffer.from('/Applications/Signer.app/signer\0');
    const images = (at: bigint) =>
      Buffer.concat([
        ints('le', [4, 1], [4, 1], [8, at + 24n], [4, 48], [4, 0]),
        ints('le', [8, at + 72n]),
        Buffer.alloc(16, 7),
        ints('le', [8, 0x100_0000n], [8, 2n ** 64n - 1n], [4, 0], [4, 0]),
        path,
      ]);
    const metadata = Buffer.from(JSON.stringify({ threads: [{ thread_id: 777 }] }));
    const b = new MachoBuilder(X64)
      .thread({ flavor: 4, words: registers('le', 168, 56, 8, 0x9000_0000n) })
      .segment(0x5000_0000n, text)
      .segment(0x5000_4000n, Buffer.alloc(PAGE))
      .segment(0x6000_0000n, Buffer.alloc(PAGE))
      .segment(0x6100_0000n, Buffer.alloc(PAGE), { initprot: 1 })
      .segment(0x9000_0000n, Buffer.alloc(PAGE))
      .note('all image infos', images)
      .note('process metadata', () => metadata);
    const dump = openDump(bufferReader(b.done()));
    const offsets = b.offsets();
    expect(dump.process.modules).toEqual([
      { path: '/Applications/Signer.app/signer', address: '0x1000000', buildId: '07'.repeat(16) },
      { path: '/usr/lib/libx.dylib', address: '0x50000000', buildId: uuid },
    ]);
    expect(offsets.map((offset) => dump.locate(offset + 16).region)).toEqual([
      { kind: 'module', name: '/usr/lib/libx.dylib+0x10' },
      { kind: 'module', name: '/usr/lib/libx.dylib+0x4010' },
      { kind: 'heap' },
      { kind: 'mapping' },
      { kind: 'stack', thread: 777 },
      { kind: 'note', name: 'all image infos' },
      { kind: 'note', name: 'process metadata' },
    ]);
  });

  test('cut anywhere says what it lacks', () => {
    const b = new MachoBuilder(X64)
      .thread({ flavor: 4, words: registers('le', 168, 56, 8, 0x2000n) })
      .segment(0x1000n, Buffer.alloc(300, 1))
      .segment(0x2000n, Buffer.alloc(300, 1));
    expect(() => checkCuts(b.done(), 500)).not.toThrow();
  });

  test('with any number or bytes changed is still swept', () => {
    const bytes = new MachoBuilder(X64)
      .thread({ flavor: 4, words: registers('le', 168, 56, 8, 0x2000n) })
      .segment(0x1000n, Buffer.alloc(64, 1))
      .segment(0x1040n, Buffer.alloc(64, 1))
      .note('all image infos', (at) =>
        Buffer.concat([ints('le', [4, 1], [4, 1], [8, at], [4, 48], [4, 0]), Buffer.alloc(48)]),
      )
      .note('process metadata', () => Buffer.from('{"threads":[{"thread_id":1}]}'))
      .done();
    for (let at = 4; at + 4 <= bytes.length; at += 4) {
      for (const value of [0, 0xffffffff, 0x7fffffff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt32LE(value, at);
        explore(changed);
      }
    }
    const change = fc.tuple(fc.integer({ min: 4, max: bytes.length - 1 }), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 24 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [offset, value] of changes) changed[offset] = value;
        explore(changed);
      }),
      { numRuns: 300 },
    );
  });

  test('of a million load commands costs what its length allows', () => {
    const count = 1_000_000;
    const bytes = Buffer.concat([
      ints(
        'le',
        [4, 0xfeedfacf],
        [4, 0x01000007],
        [4, 3],
        [4, 4],
        [4, 2 ** 32 - 1],
        [4, 2 ** 32 - 1],
        [4, 0],
        [4, 0],
      ),
      Buffer.alloc(8 * count),
    ]);
    for (let at = 32; at < bytes.length; at += 8) bytes.writeUInt32LE(8, at + 4);
    expect(explore(bytes).warnings).toMatchObject([{ code: 'load-commands-truncated' }]);
  });
});

describeWithSamples('a Mach-O core of others', (samples) => {
  describeWith(['yaml2obj-19', 'lldb-19'], 'compared with lldb', () => {
    test('has its thread, stack and segments', async () => {
      await withTempDir((folder) => {
        const path = join(folder, 'test.core');
        execFileSync(program('yaml2obj-19'), [join(samples, 'other/test.core.yaml'), '-o', path]);
        const commands = ['thread list', 'register read rsp', 'memory region --all'].flatMap((each) => [
          '-o',
          each,
        ]);
        const text = execFileSync(program('lldb-19'), ['-b', '-x', '-c', path, ...commands], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const fd = openSync(path, 'r');
        try {
          const dump = openDump(openStorage({ kind: 'file', fd, length: fstatSync(fd).size }));
          const sp = BigInt(/rsp = (0x[0-9a-f]+)/.exec(text)![1]!);
          const stack = dump.segments.find(
            ({ address, length }) => sp >= address && sp < address + BigInt(length),
          )!;
          const thread = Number(/tid = (0x[0-9a-f]+)/.exec(text)![1]);
          expect(dump.locate(stack.offset + Number(sp - stack.address))).toMatchObject({
            address: sp,
            region: { kind: 'stack', thread },
          });
          const mapped = [...text.matchAll(/^\[(0x[0-9a-f]+)-(0x[0-9a-f]+)\) r/gm)].map(([, start, end]) => [
            BigInt(start!),
            BigInt(end!),
          ]);
          const segments = dump.segments.map(({ address, length }) => [address, address + BigInt(length)]);
          expect(segments.sort((a, b) => (a[0]! < b[0]! ? -1 : 1))).toEqual(mapped);
          expect(dump).toMatchObject({ warnings: [], memory: { missing: [] }, process: { threads: 1 } });
        } finally {
          closeSync(fd);
        }
      });
    });
  });
});
