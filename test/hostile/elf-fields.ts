/**
 * Header fields of an ELF core by the System V gABI, for tests that corrupt them. Shares no code with the
 * reader.
 */
interface Field {
  name: string;
  offset: number;
  size: number;
}

type Row = readonly [name: string, size32: number, size64: number];

const ident: readonly Row[] = [
  'EI_MAG0',
  'EI_MAG1',
  'EI_MAG2',
  'EI_MAG3',
  'EI_CLASS',
  'EI_DATA',
  'EI_VERSION',
  'EI_OSABI',
  'EI_ABIVERSION',
].map((name) => [name, 1, 1]);

const EHDR: readonly Row[] = [
  ...ident,
  ['EI_PAD', 7, 7],
  ['e_type', 2, 2],
  ['e_machine', 2, 2],
  ['e_version', 4, 4],
  ['e_entry', 4, 8],
  ['e_phoff', 4, 8],
  ['e_shoff', 4, 8],
  ['e_flags', 4, 4],
  ['e_ehsize', 2, 2],
  ['e_phentsize', 2, 2],
  ['e_phnum', 2, 2],
  ['e_shentsize', 2, 2],
  ['e_shnum', 2, 2],
  ['e_shstrndx', 2, 2],
];

const PHDR32: readonly Row[] = [
  'p_type',
  'p_offset',
  'p_vaddr',
  'p_paddr',
  'p_filesz',
  'p_memsz',
  'p_flags',
  'p_align',
].map((name) => [name, 4, 4]);
const PHDR64: readonly Row[] = [
  ['p_type', 4, 4],
  ['p_flags', 4, 4],
  ...['p_offset', 'p_vaddr', 'p_paddr', 'p_filesz', 'p_memsz', 'p_align'].map((name): Row => [name, 8, 8]),
];

const SHDR: readonly Row[] = [
  ['sh_name', 4, 4],
  ['sh_type', 4, 4],
  ['sh_flags', 4, 8],
  ['sh_addr', 4, 8],
  ['sh_offset', 4, 8],
  ['sh_size', 4, 8],
  ['sh_link', 4, 4],
  ['sh_info', 4, 4],
  ['sh_addralign', 4, 8],
  ['sh_entsize', 4, 8],
];

const NHDR: readonly Row[] = ['n_namesz', 'n_descsz', 'n_type'].map((name) => [name, 4, 4]);

const PT_NOTE = 4;

/** Fields in file order of each table: ELF header, program headers, headers of notes, section headers. */
function headerFields(bytes: Buffer): Field[][] {
  const wide = bytes[4] === 2;
  const little = bytes[5] === 1;
  const word = wide ? 8 : 4;
  const number = (offset: number, size: number): number => {
    const part = Buffer.from(bytes.subarray(offset, offset + size));
    return Number(`0x${(little ? part.reverse() : part).toString('hex')}`);
  };
  const lay = (rows: readonly Row[], at: number, name: string): Field[] => {
    let offset = at;
    return rows.map(([field, size32, size64]) => {
      const size = wide ? size64 : size32;
      offset += size;
      return { name: `${name} ${field}`, offset: offset - size, size };
    });
  };
  const [phoff, shoff] = [number(24 + word, word), number(24 + 2 * word, word)];
  const [phentsize, phnum] = [number(wide ? 54 : 42, 2), number(wide ? 56 : 44, 2)];
  const programs = Array.from({ length: phnum }, (_, i) =>
    lay(wide ? PHDR64 : PHDR32, phoff + i * phentsize, `program header ${i}`),
  );
  const notes = programs
    .filter(([type]) => number(type!.offset, 4) === PT_NOTE)
    .flatMap((fields) => {
      const value = (name: string) => {
        const field = fields.find((one) => one.name.endsWith(name))!;
        return number(field.offset, field.size);
      };
      const found: Field[][] = [];
      const end = Math.min(bytes.length, value('p_offset') + value('p_filesz'));
      for (let at = value('p_offset'); at + 12 <= end; ) {
        found.push(lay(NHDR, at, `note at ${at}`));
        const pad = (length: number) => Math.ceil(length / 4) * 4;
        at += 12 + pad(number(at, 4)) + pad(number(at + 4, 4));
      }
      return found;
    });
  const [shentsize, shnum] = [number(wide ? 58 : 46, 2), number(wide ? 60 : 48, 2)];
  const sections = Array.from({ length: shoff > 0 ? shnum : 0 }, (_, i) =>
    lay(SHDR, shoff + i * shentsize, `section header ${i}`),
  );
  return [lay(EHDR, 0, 'ELF header'), ...programs, ...notes, ...sections].map((fields) =>
    fields.filter(({ offset, size }) => offset + size <= bytes.length),
  );
}

/**
 * Each field set to 0, to all ones, and to the value of its neighbour (the next field of its table, or the
 * one before it).
 */
export function* spoiled(bytes: Buffer): Generator<{ name: string; bytes: Buffer }> {
  for (const fields of headerFields(bytes))
    for (const [index, { name, offset, size }] of fields.entries()) {
      const neighbour = fields[index + 1] ?? fields[index - 1];
      const values: [string, Buffer][] = [
        ['0', Buffer.alloc(size)],
        ['all ones', Buffer.alloc(size, 0xff)],
      ];
      if (neighbour) {
        const value = Buffer.alloc(size);
        bytes.copy(value, 0, neighbour.offset, neighbour.offset + neighbour.size);
        values.push(["its neighbour's value", value]);
      }
      for (const [how, value] of values) {
        const changed = Buffer.from(bytes);
        value.copy(changed, offset);
        if (!changed.equals(bytes)) yield { name: `${name} set to ${how}`, bytes: changed };
      }
    }
}
