import type { Fields } from '../../base/bytes/field-reader.js';
import { LC, type LoadCommand } from './header.js';

/** LC_SEGMENT or LC_SEGMENT_64. */
export interface MachSegment {
  name: string;
  vmaddr: bigint;
  vmsize: bigint;
  fileoff: bigint;
  filesize: bigint;
  initprot: number;
}

export const VM_PROT = { WRITE: 2 } as const;

interface Layout {
  size: number;
  read(fields: Fields, at: number): bigint;
  word: 4 | 8;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [LC.SEGMENT]: { size: 56, word: 4, read: (fields, at) => BigInt(fields.u32(at)) },
  [LC.SEGMENT_64]: { size: 72, word: 8, read: (fields, at) => fields.u64(at) },
};

/** The segment that a load command describes; undefined where it is none. */
export function readSegment({ cmd, fields }: LoadCommand): MachSegment | undefined {
  const layout = LAYOUTS[cmd];
  if (layout === undefined || fields.length < layout.size) return undefined;
  const { read, word } = layout;
  const [vmaddr, vmsize, fileoff, filesize] = [0, 1, 2, 3].map((index) => read(fields, 24 + index * word));
  const initprot = fields.u32(24 + 4 * word + 4);
  return {
    name: fields.cstring(8, 16),
    vmaddr: vmaddr!,
    vmsize: vmsize!,
    fileoff: fileoff!,
    filesize: filesize!,
    initprot,
  };
}
