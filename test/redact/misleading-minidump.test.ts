import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { Writer } from '../formats/build-elf.js';
import {
  ARCHITECTURES,
  MinidumpBuilder,
  memory64List,
  memoryInfoList,
  moduleList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from '../formats/build-minidump.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

/** Minidumps whose streams claim what lets bytes pass that are not promised. */
const HEAP = 0x5000_0000n;
const SIZE = 2 ** 19;
const FAR = 2 ** 18;
const DEFACED = 0x0defaced0defacedn;
const MISC_INFO = 15;
const UNLOADED = 14;

type Made = {
  file: MinidumpBuilder;
  noise: (length: number) => Buffer;
  modules: { base: bigint; size: number }[];
};

/** A thread whose stack pointer is in a heap, far from the stack that the list of threads names. */
async function copied(
  add: (made: Made) => void,
  words: readonly bigint[] = [],
  paths: 'keep' | 'hash' = 'keep',
) {
  const random = new SeededRandom('misleading');
  const secrets: Buffer[] = [];
  const noise = (length: number) => {
    const bytes = Buffer.from(random.bytes(length));
    secrets.push(bytes);
    return bytes;
  };
  const { number, context: size, sp } = ARCHITECTURES.amd64;
  const file = new MinidumpBuilder();
  const registers = Buffer.alloc(size);
  registers.writeBigUInt64LE(HEAP, sp);
  const contextRva = file.put(registers);
  const modules: Made['modules'] = [];
  file
    .stream(STREAM.system, systemInfo(number, PLATFORM.linux))
    .stream(
      STREAM.threads,
      threadList([
        { id: 1, stack: { address: 0x7000_0000n, size: 4096, rva: 0 }, context: { rva: contextRva, size } },
      ]),
    );
  add({ file, noise, modules });
  file.stream(STREAM.modules, moduleList(modules.map((each) => ({ ...each, nameRva: 0 }))));
  const heap = Buffer.alloc(SIZE);
  words.forEach((word, index) => {
    heap.writeBigUInt64LE(word, 8 * index);
  });
  const rva = file.put(heap, 'heap');
  file.stream(STREAM.memory64, memory64List(rva, [{ address: HEAP, size: SIZE }]));
  const bytes = file.done();
  const { copy } = await copyOf(bytes, { paths });
  const kept = words.map((_, index) => copy.readBigUInt64LE(file.rva('heap') + 8 * index));
  return { before: windowsIn(bytes, secrets).length, after: windowsIn(copy, secrets), kept, copy };
}

const mapsLine = (rest: string) => `55550000-55560000 r--p 00000000 08:01 1234 ${rest}\n`;

describe('streams', () => {
  const STREAMS: [name: string, type: number, make: (noise: Made['noise']) => Buffer][] = [
    [
      'in a header that says to be longer',
      STREAM.info,
      (noise) => Buffer.concat([new Writer('le').u32(4096, 48).u64(0).done(), noise(4080)]),
    ],
    [
      'in entries that say to be longer',
      STREAM.info,
      (noise) => Buffer.concat([new Writer('le').u32(16, 2048).u64(1).zeros(48).done(), noise(2000)]),
    ],
    [
      'behind entries of unloaded modules',
      UNLOADED,
      (noise) => Buffer.concat([new Writer('le').u32(12, 1024, 1).zeros(24).done(), noise(1000)]),
    ],
    ['behind the times of a process', MISC_INFO, (noise) => Buffer.concat([Buffer.alloc(60), noise(1304)])],
    [
      'among mappings',
      STREAM.maps,
      (noise) =>
        Buffer.concat([Buffer.from(mapsLine('/lib/x')), noise(512), Buffer.from(`\n${mapsLine('[heap]')}`)]),
    ],
    [
      'in names of anonymous mappings',
      STREAM.maps,
      (noise) =>
        Buffer.concat([
          Buffer.from(mapsLine('').trimEnd()),
          Buffer.from(' [anon:'),
          noise(64),
          Buffer.from(']\n'),
        ]),
    ],
  ];
  test.each(STREAMS)('keep nothing %s', async (_name, type, make) => {
    const { before, after } = await copied(({ file, noise }) => file.stream(type, make(noise)));
    expect(before).toBeGreaterThan(0);
    expect(after).toEqual([]);
  });

  test('keep lines of mappings, with names of files and of the system', async () => {
    const text = [mapsLine('/lib/x y'), mapsLine(''), mapsLine('[heap]')].join('');
    const { copy } = await copied(({ file }) => file.stream(STREAM.maps, Buffer.from(text)));
    expect(copy.includes(text)).toBe(true);
  });

  test('keep all of a line but the name that a program has given', async () => {
    const lines = [mapsLine('[anon:hidden]'), mapsLine('/lib/next')];
    const { copy } = await copied(({ file }) => file.stream(STREAM.maps, Buffer.from(lines.join(''))));
    expect(copy.includes(lines.join('').replace('[anon:hidden]', '\0'.repeat(13)))).toBe(true);
  });

  test('keep hashes of names of files', async () => {
    const text = mapsLine('/lib/hidden') + mapsLine('[heap]');
    const { copy } = await copied(({ file }) => file.stream(STREAM.maps, Buffer.from(text)), [], 'hash');
    const [name] = /(?<= 1234 )\/[0-9a-f]{10}(?=\n5555)/.exec(copy.toString('latin1')) ?? [];
    expect(name).toBeDefined();
    expect(copy.includes('hidden')).toBe(false);
  });

  test('keep no record of debug information of another form', async () => {
    const { before, after } = await copied(({ file, noise }) => {
      const bytes = noise(1024);
      const codeView = { rva: file.put(bytes), size: 1024 };
      file.stream(STREAM.modules, moduleList([{ base: 0x4000_0000n, size: 4096, nameRva: 0, codeView }]));
    });
    expect(before).toBeGreaterThan(1000);
    expect(after).toEqual([]);
  });
});

describe('executable memory', () => {
  test('is never writable', async () => {
    const info = memoryInfoList([
      { address: 0x4000_0000n, size: 4096, protect: 0x20, type: 0x20000 },
      { address: 0x4100_0000n, size: 4096, protect: 0x40, type: 0x20000 },
      { address: 0x4000_0800n, size: 4096, protect: 0x04, type: 0x20000 },
    ]);
    const words = [0x4000_0100n, 0x4100_0100n, 0x4000_0900n];
    const { kept } = await copied(({ file }) => file.stream(STREAM.info, info), words);
    expect(kept).toEqual([0x4000_0100n, DEFACED, DEFACED]);
  });

  test('is not everything', async () => {
    const all = ({ modules }: Made) => {
      for (let index = 0; index < 8; index++)
        modules.push({ base: BigInt(index) * 2n ** 32n, size: 2 ** 32 - 1 });
    };
    await expect(copied(all)).rejects.toMatchObject({ code: 'redact-code-everywhere', exit: 2 });
  });
});

test('a stack in another mapping than the list of threads says ends after 256 KiB', async () => {
  const { kept } = await copied(() => undefined, [HEAP + 64n, HEAP + BigInt(FAR) + 64n]);
  expect(kept).toEqual([HEAP + 64n, DEFACED]);
});
