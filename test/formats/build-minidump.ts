import { Writer } from './build-elf.js';

/** Stream types by what they hold. */
export const STREAM = {
  threads: 3,
  modules: 4,
  memory: 5,
  exception: 6,
  system: 7,
  threadsEx: 8,
  memory64: 9,
  commentA: 10,
  commentW: 11,
  handles: 12,
  unloaded: 14,
  misc: 15,
  info: 16,
  names: 24,
  status: 0x47670004,
  commandLine: 0x47670006,
  environment: 0x47670007,
  auxv: 0x47670008,
  maps: 0x47670009,
  crashpad: 0x43500001,
} as const;

/** Writes minidumps by minidumpapiset.h and Breakpad's minidump_format.h. Shares no code with the reader. */
export class MinidumpBuilder {
  readonly #parts: Buffer[] = [];
  readonly #streams: { type: number; size: number; rva: number }[] = [];
  readonly #places = new Map<string, number>();
  #length: number;

  /** The header is followed by space for `capacity` directory entries. */
  constructor(readonly capacity = 24) {
    this.#length = 32 + capacity * 12;
  }

  /** Appends bytes and returns their RVA. */
  put(bytes: Uint8Array, label?: string): number {
    const rva = this.#length;
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
    if (label !== undefined) this.#places.set(label, rva);
    return rva;
  }

  /** RVA of labelled bytes. */
  rva(label: string): number {
    const found = this.#places.get(label);
    if (found === undefined) throw new Error(`nothing is labelled ${label}`);
    return found;
  }

  string(text: string, label?: string): number {
    const body = Buffer.from(text, 'utf16le');
    return this.put(new Writer('le').u32(body.length).raw(body).u16(0).done(), label);
  }

  utf8(text: string, label?: string): number {
    const body = Buffer.from(text);
    return this.put(new Writer('le').u32(body.length).raw(body).raw('\0').done(), label);
  }

  stream(type: number, bytes: Uint8Array, label?: string): this {
    this.#streams.push({ type, size: bytes.length, rva: this.put(bytes, label) });
    return this;
  }

  /** A stream of bytes appended before. */
  streamAt(type: number, rva: number, size: number): this {
    this.#streams.push({ type, size, rva });
    return this;
  }

  done(streamCount = this.#streams.length): Buffer {
    const head = new Writer('le').raw('MDMP').u32(0x1234a793, streamCount, 32, 0, 0x5f000000).u64(2);
    for (const { type, size, rva } of this.#streams) head.u32(type, size, rva);
    head.zeros((this.capacity - this.#streams.length) * 12);
    return Buffer.concat([head.done(), ...this.#parts]);
  }
}

export const ARCHITECTURES = {
  x86: { number: 0, context: 716, sp: 196, word: 4 },
  arm: { number: 5, context: 368, sp: 56, word: 4 },
  amd64: { number: 9, context: 1232, sp: 152, word: 8 },
  arm64: { number: 12, context: 912, sp: 256, word: 8 },
} as const;
export type ArchitectureName = keyof typeof ARCHITECTURES;

export const PLATFORM = { windows: 2, mac: 0x8101, linux: 0x8201 } as const;

export function systemInfo(architecture: number, platform: number): Buffer {
  return new Writer('le').u16(architecture, 0, 0, 0).u32(10, 0, 19045, platform, 0).zeros(28).done();
}

export function context(architecture: ArchitectureName, sp: bigint): Buffer {
  const { context: size, sp: at, word } = ARCHITECTURES[architecture];
  const bytes = Buffer.alloc(size, 0x11);
  if (word === 8) bytes.writeBigUInt64LE(sp, at);
  else bytes.writeUInt32LE(Number(sp), at);
  return bytes;
}

export interface ThreadSpec {
  id: number;
  teb?: bigint;
  stack: { address: bigint; size: number; rva: number };
  context: { rva: number; size: number };
}

export function threadList(threads: readonly ThreadSpec[], padding = false): Buffer {
  const list = new Writer('le').u32(threads.length);
  if (padding) list.u32(0);
  for (const { id, teb = 0n, stack, context } of threads) {
    list.u32(id, 0, 0, 0).u64(teb, stack.address).u32(stack.size, stack.rva, context.size, context.rva);
  }
  return list.done();
}

/**
 * MINIDUMP_THREAD_EX: a MINIDUMP_THREAD, then BackingStore (MINIDUMP_MEMORY_DESCRIPTOR), used on Itanium
 * only.
 */
export function threadExList(threads: readonly ThreadSpec[], padding = false): Buffer {
  const list = new Writer('le').u32(threads.length);
  if (padding) list.u32(0);
  for (const thread of threads)
    list
      .raw(threadList([thread]).subarray(4))
      .u64(0n)
      .u32(0, 0);
  return list.done();
}

export interface RangeSpec {
  address: bigint;
  size: number;
  rva: number;
}

export function memoryList(ranges: readonly RangeSpec[], padding = false): Buffer {
  const list = new Writer('le').u32(ranges.length);
  if (padding) list.u32(0);
  for (const { address, size, rva } of ranges) list.u64(address).u32(size, rva);
  return list.done();
}

/** The ranges are contiguous from `rva`. */
export function memory64List(rva: number, ranges: readonly Omit<RangeSpec, 'rva'>[]): Buffer {
  const list = new Writer('le').u64(ranges.length, rva);
  for (const { address, size } of ranges) list.u64(address, size);
  return list.done();
}

export interface ModuleSpec {
  base: bigint;
  size: number;
  nameRva: number;
  codeView?: { rva: number; size: number };
}

export function moduleList(modules: readonly ModuleSpec[], padding = false): Buffer {
  const list = new Writer('le').u32(modules.length);
  if (padding) list.u32(0);
  for (const { base, size, nameRva, codeView = { rva: 0, size: 0 } } of modules) {
    list.u64(base).u32(size, 0, 0, nameRva).zeros(52).u32(codeView.size, codeView.rva, 0, 0).zeros(16);
  }
  return list.done();
}

export interface InfoSpec {
  address: bigint;
  size: number;
  /** PAGE_…. */
  protect: number;
  /** MEM_PRIVATE 0x20000, MEM_MAPPED 0x40000, MEM_IMAGE 0x1000000. */
  type: number;
}

export function memoryInfoList(infos: readonly InfoSpec[]): Buffer {
  const list = new Writer('le').u32(16, 48).u64(infos.length);
  for (const { address, size, protect, type } of infos) {
    list.u64(address, address).u32(protect, 0).u64(size).u32(0x1000, protect, type, 0);
  }
  return list.done();
}
