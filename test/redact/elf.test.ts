import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { registers } from '../formats/build-elf.js';
import fc from '../support/property.js';
import { ADDRESS, BLOCK, BuiltProcess, DYNAMIC, NAMES, SP, STACK } from './built-core.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

const DEFACED = 0x0defaced0defacedn;
const CODE = ADDRESS.text + 0x123n;
const LIBRARY_CODE = ADDRESS.library + 0x7fffn;

/** Index of each segment in BuiltProcess.segments. */
const SEGMENT = { program: 0, data: 2, heap: 3, linker: 4, threadStack: 5, stack: 6, vdso: 7 } as const;

async function copied(process: BuiltProcess, options = {}) {
  const core = process.core();
  const { copy, result } = await copyOf(core.bytes, options);
  const at = (segment: keyof typeof SEGMENT, offset = 0) => core.offsets[SEGMENT[segment]]! + offset;
  return { core, copy, result, at };
}

describe('a copy of a core for backtraces', () => {
  test('has no 8 bytes of random memory, arguments, registers and notes', async () => {
    const process = new BuiltProcess('secrets');
    const { core, copy, result } = await copied(process);
    expect(copy).toHaveLength(core.bytes.length);
    expect(windowsIn(core.bytes, process.secret).length).toBeGreaterThan(50_000);
    expect(windowsIn(copy, process.secret)).toEqual([]);
    expect(result).toMatchObject({ format: 'elf-core', threads: 2, withoutStack: 0, modules: 3, word: 8 });
    expect(result.sha256).toBe(createHash('sha256').update(copy).digest('hex'));
  });

  test('has the words of stacks that point to code and to the same stack, up from the pointer', async () => {
    const process = new BuiltProcess('words');
    const words: [value: bigint, expected: bigint][] = [
      [CODE, CODE],
      [LIBRARY_CODE, LIBRARY_CODE],
      [ADDRESS.stack + BigInt(SP), ADDRESS.stack + BigInt(SP)],
      [ADDRESS.stack + BigInt(STACK - 1), ADDRESS.stack + BigInt(STACK - 1)],
      [0n, 0n],
      // Below the stack pointer, in the heap, in another stack, in data, past the end.
      [ADDRESS.stack + BigInt(SP - 1), DEFACED],
      [ADDRESS.heap, DEFACED],
      [ADDRESS.threadStack + BigInt(SP + 8), DEFACED],
      [ADDRESS.data, DEFACED],
      [ADDRESS.stack + BigInt(STACK), DEFACED],
      [ADDRESS.text + 0x10000n, DEFACED],
      [ADDRESS.library - 1n, DEFACED],
      [ADDRESS.library + 0x10000n, DEFACED],
      [CODE + 2n ** 60n, DEFACED],
      [1n, DEFACED],
    ];
    words.forEach(([value], index) => {
      process.stack.writeBigUInt64LE(value, SP + 8 * index);
    });
    process.stack.writeBigUInt64LE(CODE, SP - 8);
    process.stack.writeBigUInt64LE(CODE, SP + 8 * words.length + 1);
    const { copy, at, result } = await copied(process);
    const found = words.map((_, index) => copy.readBigUInt64LE(at('stack', SP + 8 * index)));
    expect(found).toEqual(words.map(([, expected]) => expected));
    expect(copy.subarray(at('stack'), at('stack', SP)).every((byte) => byte === 0)).toBe(true);
    expect(copy.readBigUInt64LE(at('stack', STACK - 8))).toBe(DEFACED);
    expect(result.words).toMatchObject({ code: 2, stack: 2 });
  });

  test('has the stack of a thread up to its control block', async () => {
    const process = new BuiltProcess('block');
    for (const at of [BLOCK - 8, BLOCK]) process.threadStack.writeBigUInt64LE(CODE, at);
    process.threadStack.writeBigUInt64LE(ADDRESS.threadStack + BigInt(BLOCK), SP);
    const { copy, at } = await copied(process);
    expect(copy.readBigUInt64LE(at('threadStack', BLOCK - 8))).toBe(CODE);
    expect(copy.readBigUInt64LE(at('threadStack', BLOCK))).toBe(0n);
    expect(copy.readBigUInt64LE(at('threadStack', SP))).toBe(DEFACED);
  });

  test('has the stack that a signal interrupted, if its handler has another', async () => {
    const process = new BuiltProcess('signal');
    const spare = { address: 0x7f20_0000_0000n, bytes: process.noise(4096) };
    // In struct sigcontext: rsp, rip, eflags, then cs, gs, fs and ss in one word.
    const frame = [spare.address + 0x800n, CODE, 0x246n, 0x002b_0000_0000_0033n];
    frame.forEach((value, index) => {
      process.stack.writeBigUInt64LE(value, SP + 0x200 + 8 * index);
    });
    spare.bytes.writeBigUInt64LE(CODE, 0x7f8);
    spare.bytes.writeBigUInt64LE(CODE, 0x800);
    spare.bytes.writeBigUInt64LE(ADDRESS.stack + BigInt(SP), 0x808);
    const core = process.core((spec) => ({
      ...spec,
      segments: [...spec.segments, { vaddr: spare.address, bytes: spare.bytes }],
    }));
    const { copy } = await copyOf(core.bytes);
    const word = (segment: number, at: number) => copy.readBigUInt64LE(core.offsets[segment]! + at);
    expect(word(SEGMENT.stack, SP + 0x200)).toBe(spare.address + 0x800n);
    const last = core.offsets.length - 1;
    expect([0x7f8, 0x800, 0x808, 0x810].map((at) => word(last, at))).toEqual([
      0n,
      CODE,
      ADDRESS.stack + BigInt(SP),
      DEFACED,
    ]);
    expect(windowsIn(copy, process.secret)).toEqual([]);
  });

  test('has only those general registers that pass the test of words', async () => {
    const process = new BuiltProcess('registers');
    const [first] = process.registers;
    // rbp and rbx point to code and to the stack, r12 to the heap.
    [first![4], first![5], first![3]] = [CODE, ADDRESS.stack + BigInt(SP + 100), ADDRESS.heap];
    [first![18], first![26]] = [0x246n, 0x2bn];
    const { core, copy } = await copied(process);
    const at = core.notes.offset + 20 + 112;
    const words = Array.from({ length: 27 }, (_, index) => copy.readBigUInt64LE(at + 8 * index));
    const kept = new Set([4, 5, 16, 18, 19, 26]);
    expect(words).toEqual(first!.map((value, index) => (kept.has(index) ? value : 0n)));
  });

  test('has tables of the linker, headers of modules, names and the vdso', async () => {
    const process = new BuiltProcess('tables');
    const { core, copy, at } = await copied(process);
    const isSame = (from: number, length: number) =>
      copy.subarray(from, from + length).equals(core.bytes.subarray(from, from + length));
    expect(isSame(0, core.notes.offset)).toBe(true);
    expect(isSame(at('program'), 64 + 5 * 56)).toBe(true);
    expect(isSame(at('program', 0x400), 36)).toBe(true);
    expect(isSame(at('data', DYNAMIC), 48)).toBe(true);
    expect(isSame(at('linker'), 40)).toBe(true);
    NAMES.forEach((name, index) => {
      const entry = at('linker', 0x100 + index * 0x100);
      expect(isSame(entry, 40)).toBe(true);
      expect(copy.toString('latin1', entry + 64, entry + 64 + name.length + 1)).toBe(`${name}\0`);
    });
    expect(isSame(at('vdso'), 4096)).toBe(true);
    expect(copy.includes('/var/data')).toBe(true);
    expect(copy.subarray(at('heap'), at('heap', 4096)).every((byte) => byte === 0)).toBe(true);
  });

  test('has hashes of names if they are wanted', async () => {
    const process = new BuiltProcess('names');
    const { copy, at } = await copied(process, { paths: 'hash' });
    for (const name of ['libx', 'ld.so', 'program', 'data']) expect(copy.includes(name)).toBe(false);
    const [name] = copy.toString('latin1', at('linker', 0x240), at('linker', 0x280)).split('\0');
    expect(name).toMatch(/^\/[0-9a-f]{15}$/);
    expect(copy.indexOf(name!)).toBeLessThan(at('program'));
  });

  test('of a copy is the copy', async () => {
    const { copy } = await copied(new BuiltProcess('twice'));
    expect((await copyOf(copy)).copy.equals(copy)).toBe(true);
  });

  test('lets no random word pass, wherever it is', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.nat(STACK - 1), async (seed, gap) => {
        const process = new BuiltProcess(seed);
        process.registers[0]![19] = ADDRESS.stack + BigInt(gap);
        const { copy } = await copied(process);
        expect(windowsIn(copy, process.secret)).toEqual([]);
      }),
      { numRuns: 6 },
    ));
});

describe('made to mislead', () => {
  test('a link map that loops is read once', async () => {
    const process = new BuiltProcess('loop');
    process.linker.writeBigUInt64LE(ADDRESS.linker + 0x100n, 0x300 + 24);
    const { result } = await copied(process);
    expect(result.modules).toBe(3);
  });

  test('a link map that leads to a secret stops before it', async () => {
    const process = new BuiltProcess('mislead');
    process.linker.writeBigUInt64LE(ADDRESS.heap, 0x200 + 24);
    process.linker.writeBigUInt64LE(ADDRESS.heap + 64n, 0x200 + 8);
    const { copy, result } = await copied(process);
    expect(result.modules).toBe(2);
    expect(windowsIn(copy, process.secret)).toEqual([]);
  });

  test('headers of a file that is mapped as data lead to nothing beyond it', async () => {
    const process = new BuiltProcess('mapped');
    // Its program headers would be in the memory that follows its mapping.
    const file = Buffer.from(process.program.subarray(0, 64));
    file.writeBigUInt64LE(0x10000n, 32);
    const heap = process.noise(4096);
    const table = process.program.subarray(64, 64 + 5 * 56);
    table.copy(heap);
    const core = process.core(({ segments, ...spec }) => ({
      ...spec,
      segments: [
        ...segments,
        { vaddr: ADDRESS.library + 0x10000n, bytes: file, flags: 4 },
        { vaddr: ADDRESS.library + 0x20000n, bytes: heap },
      ],
    }));
    const { copy } = await copyOf(core.bytes);
    expect(copy.subarray(core.offsets.at(-1)!, core.offsets.at(-1)! + 4096).every((byte) => byte === 0)).toBe(
      true,
    );
  });

  test('a dynamic section with other words than tags is dropped', async () => {
    const process = new BuiltProcess('tags');
    process.data.writeBigUInt64LE(0x5555n, DYNAMIC);
    const { copy, at, result } = await copied(process);
    expect(copy.readBigUInt64LE(at('data', DYNAMIC + 8))).toBe(0n);
    expect(result.modules).toBe(1);
  });

  test('notes that lie about their length lead to no memory', async () => {
    const process = new BuiltProcess('notes');
    const core = process.core((spec) => ({
      ...spec,
      notes: [...spec.notes!, { owner: 'CORE', type: 0x46494c45, desc: Buffer.alloc(16, 0xff) }],
    }));
    const { copy } = await copyOf(core.bytes);
    expect(windowsIn(copy, process.secret)).toEqual([]);
  });

  test('notes over memory are refused', async () => {
    const core = new BuiltProcess('over').core();
    const filesz = core.phoff + 32;
    core.bytes.writeBigUInt64LE(BigInt(core.bytes.length - core.notes.offset), filesz);
    await expect(copyOf(core.bytes)).rejects.toMatchObject({ code: 'redact-overlap', exit: 2 });
  });

  test('a stack that is not in the file is counted', async () => {
    const core = new BuiltProcess('cut').core();
    const { copy, result } = await copyOf(core.bytes.subarray(0, core.offsets[SEGMENT.threadStack]!));
    expect(copy).toHaveLength(core.offsets[SEGMENT.threadStack]!);
    expect(result).toMatchObject({ threads: 2, withoutStack: 2 });
    expect(result.memory.described - result.memory.present).toBe(2 * STACK + 4096);
  });

  test('an executable stack or data are not executable', async () => {
    const process = new BuiltProcess('executable');
    process.stack.writeBigUInt64LE(ADDRESS.threadStack + BigInt(SP), SP);
    const core = process.core(({ segments, ...spec }) => ({
      ...spec,
      segments: segments.map((segment) =>
        segment.vaddr === ADDRESS.threadStack ? { ...segment, flags: 7 } : segment,
      ),
    }));
    const { copy } = await copyOf(core.bytes);
    expect(copy.readBigUInt64LE(core.offsets[SEGMENT.stack]! + SP)).toBe(DEFACED);
  });

  test('a process of 32 bits is refused unless it is accepted', async () => {
    const kind = { bits: 32, endian: 'le' } as const;
    const process = new BuiltProcess('bits');
    const core = process.core(() => ({
      ...kind,
      machine: 3,
      notes: [
        {
          owner: 'CORE',
          type: 1,
          desc: Buffer.concat([Buffer.alloc(72), registers('le', 4, 17, 15, 0x8000n), Buffer.alloc(4)]),
        },
      ],
      segments: [{ vaddr: 0x8000n, bytes: process.noise(4096) }],
    }));
    await expect(copyOf(core.bytes)).rejects.toMatchObject({ code: 'redact-32bit', exit: 2 });
    const { copy, result } = await copyOf(core.bytes, { accept32bit: true });
    expect(result).toMatchObject({ threads: 1, word: 4 });
    expect(copy.readUInt32LE(core.offsets[0]!)).toBe(0x0defaced);
  });

  test.each([
    ['of a machine', { owner: 'QEMU', type: 0, desc: Buffer.alloc(8) }, 'redact-physical'],
    ['without threads', undefined, 'redact-no-threads'],
  ])('a core %s is refused', async (_name, note, code) => {
    const core = new BuiltProcess('refused').core((spec) => ({
      ...spec,
      notes: note === undefined ? [] : [...spec.notes!, note],
    }));
    await expect(copyOf(core.bytes)).rejects.toMatchObject({ code, exit: 2 });
  });

  test('a file that is cut anywhere is copied or refused', async () => {
    const { bytes } = new BuiltProcess('cuts').core();
    for (let length = 18; length < bytes.length; length += 1 + (length >> 3)) {
      const copied = await copyOf(bytes.subarray(0, length)).catch((error: unknown) => error);
      if (copied instanceof Error)
        expect(copied).toMatchObject({ name: expect.stringMatching(/Dumpsieve|OutOf/) });
      else expect(copied).toMatchObject({ copy: { length } });
    }
  });

  test('a machine whose registers are unknown is refused', async () => {
    const core = new BuiltProcess('machine').core((spec) => ({ ...spec, machine: 0x9026 }));
    await expect(copyOf(core.bytes)).rejects.toMatchObject({ code: 'redact-machine', exit: 2 });
  });
});
