import { readWord } from '../../memory/words.js';
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

const LAYOUTS: Readonly<Record<number, { size: number; word: 4 | 8 }>> = {
  [LC.SEGMENT]: { size: 56, word: 4 },
  [LC.SEGMENT_64]: { size: 72, word: 8 },
};

/** The segment of a load command; undefined for other commands. */
export function readSegment({ cmd, fields }: LoadCommand): MachSegment | undefined {
  const layout = LAYOUTS[cmd];
  if (layout === undefined || fields.length < layout.size) return undefined;
  const { word } = layout;
  return {
    name: fields.cstring(8, 16),
    vmaddr: readWord(fields, 24, word),
    vmsize: readWord(fields, 24 + word, word),
    fileoff: readWord(fields, 24 + 2 * word, word),
    filesize: readWord(fields, 24 + 3 * word, word),
    initprot: fields.u32(28 + 4 * word),
  };
}
