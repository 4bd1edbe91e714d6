import { Writer } from './build-elf.js';

const EM_X86_64 = 62;
const EM_386 = 3;
const EM_PPC64 = 21;
const EM_MIPS = 8;

/** A machine of each class and byte order, with the place of the stack pointer among its registers. */
export const KINDS = [
  { bits: 64, endian: 'le', machine: EM_X86_64, name: 'x86-64', word: 8, count: 27, index: 19 },
  { bits: 64, endian: 'be', machine: EM_PPC64, name: 'ppc64', word: 8, count: 48, index: 1 },
  { bits: 32, endian: 'le', machine: EM_386, name: 'i386', word: 4, count: 17, index: 15 },
  { bits: 32, endian: 'be', machine: EM_MIPS, name: 'mips', word: 4, count: 45, index: 35 },
] as const;
export type Kind = (typeof KINDS)[number];

/** A shared library's first page: an ELF header, two PT_LOADs and a build id. */
export function libraryPage(kind: Kind, memorySize: number): Buffer {
  const { bits, endian } = kind;
  const note = new Writer(endian).u32(4, 20, 3).raw('GNU\0').raw(Buffer.alloc(20, 0xab)).done();
  const [ehsize, phentsize] = bits === 64 ? [64, 56] : [52, 32];
  const page = new Writer(endian, bits)
    .raw('\x7fELF')
    .raw(Buffer.from([bits === 64 ? 2 : 1, endian === 'le' ? 1 : 2, 1, 0]));
  page.zeros(8).u16(3, kind.machine).u32(1).word(0, ehsize, 0).u32(0).u16(ehsize, phentsize, 3, 0, 0, 0);
  const header = (type: number, offset: number, vaddr: number, filesz: number, memsz: number): void => {
    page.u32(type);
    if (bits === 64) page.u32(5);
    page.word(offset, vaddr, vaddr, filesz, memsz);
    if (bits === 32) page.u32(5);
    page.word(4096);
  };
  const noteAt = ehsize + 3 * phentsize;
  header(1, 0, 0, 4096, 4096);
  header(1, 0x2000, 0x2000, 100, memorySize - 0x2000);
  header(4, noteAt, noteAt, note.length, note.length);
  const bytes = page.raw(note).done();
  return Buffer.concat([bytes, Buffer.alloc(4096 - bytes.length)]);
}
