import { describe, expect, test } from '@jest/globals';
import { auxv, type CoreSpec, ntFile, prpsinfo, type SegmentSpec } from '../formats/build-elf.js';
import { ADDRESS, BuiltProcess, SP } from './built-core.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

/** Cores that claim what lets bytes pass that are not promised. */
const KIND = { bits: 64, endian: 'le' } as const;
const DEFACED = 0x0defaced0defacedn;
type Spec = CoreSpec & { segments: SegmentSpec[] };

/** The first words of the main thread's stack in the copy of a core. */
async function stackWords(process: BuiltProcess, words: readonly bigint[], change: (spec: Spec) => CoreSpec) {
  words.forEach((value, index) => {
    process.stack.writeBigUInt64LE(value, SP + 8 * index);
  });
  let stack = -1;
  const core = process.core((spec) => {
    const changed = change(spec);
    stack = changed.segments!.findIndex(({ vaddr, bytes }) => vaddr === ADDRESS.stack && bytes !== undefined);
    return changed;
  });
  const { copy } = await copyOf(core.bytes);
  return words.map((_, index) => copy.readBigUInt64LE(core.offsets[stack]! + SP + 8 * index));
}

describe('executable memory', () => {
  test('is never writable, whatever segments say', async () => {
    const words = [ADDRESS.heap + 8n, ADDRESS.text + 8n];
    const all = (spec: Spec) => ({
      ...spec,
      segments: spec.segments.map((each) => ({ ...each, flags: (each.flags ?? 6) | 1 })),
    });
    expect(await stackWords(new BuiltProcess('all'), words, all)).toEqual([DEFACED, ADDRESS.text + 8n]);
  });

  test('is not what another segment calls writable', async () => {
    const words = [ADDRESS.heap + 8n, ADDRESS.data + 8n];
    const over = (spec: Spec) => ({
      ...spec,
      segments: [...spec.segments, { vaddr: ADDRESS.text, memsz: 2 ** 30, flags: 5 }],
    });
    expect(await stackWords(new BuiltProcess('over'), words, over)).toEqual([DEFACED, DEFACED]);
  });

  test.each([
    [
      'segments',
      (spec: Spec) => ({
        ...spec,
        segments: [...spec.segments, { vaddr: 0x1000n, memsz: 2 ** 47, flags: 5 }],
      }),
    ],
    [
      'mapped files',
      (spec: Spec) => ({
        ...spec,
        notes: [
          ...spec.notes!.filter(({ type }) => type !== 0x46494c45),
          ntFile(KIND, 1, [{ start: 0x1000n, end: 2n ** 47n, offset: 1, path: '/usr/lib/liball.so' }]),
        ],
      }),
    ],
  ])('is not everything, by %s', async (_name, change) => {
    const core = new BuiltProcess('everything').core(change as (spec: Spec) => CoreSpec);
    await expect(copyOf(core.bytes)).rejects.toMatchObject({ code: 'redact-code-everywhere', exit: 2 });
  });
});

describe('notes', () => {
  const secret = (process: BuiltProcess, length: number) => process.noise(length);
  const NOTES: [
    name: string,
    note: (process: BuiltProcess) => { owner: string; type: number; desc: Buffer },
  ][] = [
    [
      'owner',
      (p) => ({ owner: `CORE\0${secret(p, 60).toString('latin1')}`, type: 2, desc: Buffer.alloc(4) }),
    ],
    ['description', (p) => ({ owner: 'GDB', type: 0xff000000, desc: secret(p, 4096) })],
    ['state', (p) => ({ owner: 'LINUX', type: 0x202, desc: secret(p, 2696) })],
    ['auxiliary vector', (p) => ({ owner: 'CORE', type: 6, desc: secret(p, 320) })],
    [
      'list of files',
      (p) => {
        const desc = Buffer.concat([Buffer.alloc(16), secret(p, 48), Buffer.from('/a\0/b\0')]);
        desc.writeBigUInt64LE(2n, 0);
        return { owner: 'CORE', type: 0x46494c45, desc };
      },
    ],
    [
      'program name',
      (p) => {
        const note = prpsinfo(KIND, 1, 'name', '');
        note.desc.set(secret(p, 11), 45);
        return note;
      },
    ],
  ];
  test.each(NOTES)('keep nothing after or in place of their %s', async (_name, make) => {
    const process = new BuiltProcess('note');
    const note = make(process);
    const core = process.core((spec) => ({ ...spec, notes: [note, ...spec.notes!] }));
    expect(windowsIn(core.bytes, process.secret.slice(-40)).length).toBeGreaterThan(0);
    expect(windowsIn((await copyOf(core.bytes)).copy, process.secret)).toEqual([]);
  });
});

describe('tables in memory', () => {
  test('of the linker name files alone', async () => {
    const process = new BuiltProcess('names');
    const text = 'postgres://user:c0rrect/h0rse';
    process.linker.set(Buffer.from(`${text}\0`), 0x240);
    process.linker.set(Buffer.from('aGVsbG8/d29ybGQ+c2VjcmV0\0'), 0x340);
    const { copy } = await copyOf(process.core().bytes);
    for (const part of ['c0rrect', 'aGVsbG8', 'c2VjcmV0']) expect(copy.includes(part)).toBe(false);
  });

  test('of the linker hold addresses of the process alone', async () => {
    for (const at of [16, 0x200 + 8, 0x200 + 16]) {
      const process = new BuiltProcess('addresses');
      process.noise(8).copy(process.linker, at);
      const { copy } = await copyOf(process.core().bytes);
      expect(windowsIn(copy, process.secret)).toEqual([]);
    }
  });

  test('of the program lie in its file', async () => {
    const process = new BuiltProcess('headers');
    // PT_DYNAMIC leads to pairs of a tag and a secret on the heap.
    process.program.writeBigUInt64LE(ADDRESS.heap, 64 + 3 * 56 + 16);
    const core = process.core((spec) => {
      const heap = spec.segments.find(({ vaddr }) => vaddr === ADDRESS.heap)!;
      const bytes = Buffer.from(heap.bytes!);
      [1n, 2n, 0n].forEach((tag, index) => {
        bytes.writeBigUInt64LE(tag, 16 * index);
      });
      return { ...spec, segments: spec.segments.map((each) => (each === heap ? { ...heap, bytes } : each)) };
    });
    expect(windowsIn((await copyOf(core.bytes)).copy, process.secret)).toEqual([]);
  });

  test('that begin like a vdso are none where they are not executable', async () => {
    const process = new BuiltProcess('vdso');
    process.vdso.set(process.noise(1024), 1024);
    const core = process.core((spec) => ({
      ...spec,
      segments: spec.segments.map((each) => (each.vaddr === ADDRESS.vdso ? { ...each, flags: 4 } : each)),
    }));
    expect(windowsIn((await copyOf(core.bytes)).copy, process.secret)).toEqual([]);
  });
});

describe('a stack on a heap', () => {
  const HEAP = 0x6000_0000n;
  const FAR = 2 ** 18;
  const withHeapStack = async (aux: [number, bigint][]) => {
    const process = new BuiltProcess('heap');
    process.registers[0]![19] = HEAP + 64n;
    const bytes = Buffer.alloc(FAR * 2);
    const words = [HEAP + 128n, HEAP + BigInt(FAR + 128)];
    words.forEach((word, index) => {
      bytes.writeBigUInt64LE(word, 64 + 8 * index);
    });
    bytes.writeBigUInt64LE(HEAP + 128n, FAR + 128);
    const core = process.core((spec) => ({
      ...spec,
      notes: [auxv(KIND, aux), ...spec.notes!.filter(({ type }) => type !== 6)],
      segments: [...spec.segments, { vaddr: HEAP, bytes }],
    }));
    const { copy } = await copyOf(core.bytes);
    return [64, 72, FAR + 128].map((at) => copy.readBigUInt64LE(core.offsets.at(-1)! + at));
  };

  test('ends after 256 KiB, where nothing tells its end', async () => {
    expect(await withHeapStack([])).toEqual([HEAP + 128n, DEFACED, 0n]);
  });

  test('is that of the main thread where the program has its name', async () => {
    const far = HEAP + BigInt(FAR + 128);
    expect(await withHeapStack([[31, HEAP + BigInt(2 * FAR - 64)]])).toEqual([HEAP + 128n, far, HEAP + 128n]);
  });
});
