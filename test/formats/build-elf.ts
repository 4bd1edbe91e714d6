/** Writes ELF cores for tests, from the System V gABI and Linux's headers. Shares no code with the reader. */

export interface CoreSpec {
  bits?: 32 | 64;
  endian?: 'le' | 'be';
  type?: number;
  machine?: number;
  flags?: number;
  notes?: NoteSpec[];
  segments?: SegmentSpec[];
  /** As gcore: notes after the memory, then section headers. Default: as a kernel, notes first. */
  layout?: 'kernel' | 'gcore';
  /** e_phnum 0xFFFF and the true count in section header 0 at the end. */
  xnum?: boolean;
}

export interface NoteSpec {
  owner: string;
  type: number;
  desc: Buffer;
}

export interface SegmentSpec {
  vaddr: bigint;
  bytes?: Uint8Array;
  memsz?: number;
  paddr?: bigint;
  /** p_flags; default RW. */
  flags?: number;
  /** Unused bytes before it in the file. */
  gap?: number;
}

export interface BuiltCore {
  bytes: Buffer;
  /** File offset of each segment's bytes. */
  offsets: number[];
  notes: { offset: number; length: number };
  phoff: number;
  phentsize: number;
  phnum: number;
  shoff: number;
}

/** Writes fields in one byte order. */
export class Writer {
  readonly #parts: Buffer[] = [];
  constructor(
    readonly endian: 'le' | 'be',
    readonly bits: 32 | 64 = 64,
  ) {}

  #number(size: number, value: bigint | number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; i++) {
      bytes[this.endian === 'le' ? i : size - 1 - i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return this.raw(bytes);
  }
  u16 = (...values: (bigint | number)[]): this => this.#all(2, values);
  u32 = (...values: (bigint | number)[]): this => this.#all(4, values);
  u64 = (...values: (bigint | number)[]): this => this.#all(8, values);
  /** A word of the class. */
  word = (...values: (bigint | number)[]): this => this.#all(this.bits / 8, values);
  #all(size: number, values: (bigint | number)[]): this {
    for (const value of values) this.#number(size, value);
    return this;
  }
  raw(bytes: Uint8Array | string): this {
    this.#parts.push(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes));
    return this;
  }
  zeros(count: number): this {
    return this.raw(Buffer.alloc(count));
  }
  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export function buildElfCore(spec: CoreSpec): BuiltCore {
  const {
    bits = 64,
    endian = 'le',
    type = 4,
    machine = 62,
    flags = 0,
    layout = 'kernel',
    xnum = false,
  } = spec;
  const segments = spec.segments ?? [];
  const [ehsize, phentsize, shentsize] = bits === 64 ? [64, 56, 64] : [52, 32, 40];
  const notes = noteBytes(spec.notes ?? [], endian);
  const phnum = segments.length + 1;
  let at = ehsize + phnum * phentsize;
  const noteOffset = layout === 'kernel' ? at : -1;
  if (layout === 'kernel') at += notes.length;
  const offsets = segments.map(({ bytes, gap = 0 }) => {
    const offset = at + gap;
    at = offset + (bytes?.length ?? 0);
    return offset;
  });
  const noteAt = layout === 'kernel' ? noteOffset : at;
  if (layout === 'gcore') at += notes.length;
  const sections = xnum || layout === 'gcore';
  const names = layout === 'gcore' ? Buffer.from('\0note0\0.shstrtab\0') : Buffer.alloc(0);
  const namesAt = at;
  const shoff = sections ? at + names.length : 0;
  const shnum = layout === 'gcore' ? 2 : xnum ? 1 : 0;

  const file = new Writer(endian, bits)
    .raw('\x7fELF')
    .raw(Buffer.from([bits === 64 ? 2 : 1, endian === 'le' ? 1 : 2, 1, 0]))
    .zeros(8)
    .u16(type, machine)
    .u32(1)
    .word(0, ehsize, shoff)
    .u32(flags)
    .u16(ehsize, phentsize, xnum ? 0xffff : phnum, shentsize, shnum, layout === 'gcore' ? 1 : 0);
  const programHeader = (p: {
    type: number;
    flags: number;
    offset: number;
    vaddr: bigint;
    paddr: bigint;
    filesz: number;
    memsz: number;
  }): void => {
    file.u32(p.type);
    if (bits === 64) file.u32(p.flags);
    file.word(p.offset, p.vaddr, p.paddr, p.filesz, p.memsz);
    if (bits === 32) file.u32(p.flags);
    file.word(1);
  };
  const noteHeader = {
    type: 4,
    flags: 0,
    offset: noteAt,
    vaddr: 0n,
    paddr: 0n,
    filesz: notes.length,
    memsz: 0,
  };
  programHeader(noteHeader);
  segments.forEach(({ vaddr, bytes, memsz, paddr = 0n, flags: rights = 6 }, i) => {
    const filesz = bytes?.length ?? 0;
    programHeader({
      type: 1,
      flags: rights,
      offset: offsets[i]!,
      vaddr,
      paddr,
      filesz,
      memsz: memsz ?? filesz,
    });
  });
  if (layout === 'kernel') file.raw(notes);
  for (const { bytes, gap = 0 } of segments) file.zeros(gap).raw(bytes ?? '');
  if (layout === 'gcore') file.raw(notes).raw(names);
  const sectionHeader = (kind: number, offset: number, size: number, info: number): void => {
    file.u32(0, kind).word(0, 0, offset, size).u32(0, info).word(0, 0);
  };
  if (sections) sectionHeader(0, 0, 0, xnum ? phnum : 0);
  if (layout === 'gcore') sectionHeader(3, namesAt, names.length, 0);
  const bytes = file.done();
  return {
    bytes,
    offsets,
    notes: { offset: noteAt, length: notes.length },
    phoff: ehsize,
    phentsize,
    phnum,
    shoff,
  };
}

function noteBytes(notes: readonly NoteSpec[], endian: 'le' | 'be'): Buffer {
  const pad = (n: number): number => (4 - (n % 4)) % 4;
  const all = new Writer(endian);
  for (const { owner, type, desc } of notes) {
    all.u32(owner.length + 1, desc.length, type).raw(`${owner}\0`);
    all
      .zeros(pad(owner.length + 1))
      .raw(desc)
      .zeros(pad(desc.length));
  }
  return all.done();
}

type Kind = { bits: 32 | 64; endian: 'le' | 'be' };

/** struct elf_prstatus with `registers` as the general register set. */
export function prstatus(kind: Kind, pid: number, signal: number, registers: Buffer): NoteSpec {
  const desc = new Writer(kind.endian, kind.bits).u32(signal, 0, 0).u16(signal, 0).word(0, 0);
  desc.u32(pid, 1, pid, pid).zeros(4 * 2 * (kind.bits / 8));
  return { owner: 'CORE', type: 1, desc: desc.raw(registers).u32(0).done() };
}

/** Registers of `word` bytes, all zero but one. */
export function registers(
  endian: 'le' | 'be',
  word: 4 | 8,
  count: number,
  index: number,
  value: bigint,
): Buffer {
  const all = new Writer(endian, word === 8 ? 64 : 32);
  for (let i = 0; i < count; i++) all.word(i === index ? value : 0);
  return all.done();
}

/** struct elf_prpsinfo; 32-bit with 16-bit user ids. */
export function prpsinfo(kind: Kind, pid: number, fname: string, psargs: string): NoteSpec {
  const desc = new Writer(kind.endian, kind.bits).raw('\0R\0\0');
  if (kind.bits === 64) desc.zeros(4).u64(0).u32(1000, 1000);
  else desc.u32(0).u16(1000, 1000);
  desc.u32(pid, 1, pid, pid);
  desc.raw(Buffer.from(fname.padEnd(16, '\0'), 'latin1')).raw(Buffer.from(psargs.padEnd(80, '\0'), 'latin1'));
  return { owner: 'CORE', type: 3, desc: desc.done() };
}

export interface MappingSpec {
  start: bigint;
  end: bigint;
  /** Offset in bytes. */
  offset: number;
  path: string;
}

export function ntFile(kind: Kind, pageSize: number, mappings: readonly MappingSpec[]): NoteSpec {
  const desc = new Writer(kind.endian, kind.bits).word(mappings.length, pageSize);
  for (const { start, end, offset } of mappings) desc.word(start, end, offset / pageSize);
  for (const { path } of mappings) desc.raw(`${path}\0`);
  return { owner: 'CORE', type: 0x46494c45, desc: desc.done() };
}

export function auxv(kind: Kind, pairs: readonly [number, bigint][]): NoteSpec {
  const desc = new Writer(kind.endian, kind.bits);
  for (const [type, value] of [...pairs, [0, 0n] as const]) desc.word(type, value);
  return { owner: 'CORE', type: 6, desc: desc.done() };
}

export interface BuiltStack {
  bytes: Buffer;
  execfn: bigint;
  /** Addresses by string. */
  strings: Map<string, bigint>;
}

/**
 * An initial stack as laid out by Linux: unused bytes, argc, argv[], NULL, envp[], NULL, auxv, random bytes,
 * then the strings. `auxvOf` returns the vector for an address of AT_EXECFN.
 */
export function buildStack(
  kind: Kind,
  low: bigint,
  room: number,
  argv: readonly string[],
  env: readonly string[],
  execfn: string,
  auxvOf: (execfn: bigint) => NoteSpec,
): BuiltStack {
  const word = kind.bits / 8;
  const auxLength = auxvOf(0n).desc.length;
  const arrays = (1 + argv.length + 1 + env.length + 1) * word + auxLength + 32;
  let at = low + BigInt(room + arrays);
  const strings = new Map<string, bigint>();
  const addresses = [...argv, ...env, execfn].map((text) => {
    const address = at;
    strings.set(text, address);
    at += BigInt(Buffer.byteLength(text) + 1);
    return address;
  });
  const execAt = addresses.at(-1)!;
  const stack = new Writer(kind.endian, kind.bits).zeros(room).word(argv.length);
  stack.word(...addresses.slice(0, argv.length), 0).word(...addresses.slice(argv.length, -1), 0);
  stack.raw(auxvOf(execAt).desc).zeros(32);
  for (const text of [...argv, ...env, execfn]) stack.raw(Buffer.from(`${text}\0`));
  return { bytes: stack.zeros(8).done(), execfn: execAt, strings };
}
