import type { Extent } from '../../model/report.js';
import type { TextFronts } from '../memory/types.js';
import type { Checkpoints } from './checkpoints.js';
import type { HprofFile } from './file.js';
import { TAG } from './records.js';
import { walk } from './walk.js';

const FRONT = 3;
/** Bytes of a text that is worth a look: shorter ones hold no secret that the value net finds. */
const SHORTEST = 16;
/** Printable ASCII. */
const isPrintable = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

/**
 * Texts of HPROF_UTF8 records whose identifier ends with what looks like a character of the text, and whose
 * first three characters are wanted.
 */
export function textStarts(file: HprofFile, checkpoints: Checkpoints, wanted: TextFronts): Extent[] {
  const { idSize } = file.header;
  const texts: Extent[] = [];
  const take = (body: number, end: number): void => {
    const offset = body + idSize;
    if (end - offset < SHORTEST || !isPrintable(file.u8(offset - 1))) return;
    if (wanted(file.u8(offset), file.u8(offset + 1), file.u8(offset + 2)))
      texts.push({ offset, length: end - offset });
  };
  walk(file, checkpoints, checkpoints.before(0), file.length, {
    skipTag: TAG.UTF8,
    skipping: take,
    record({ tag, body, end }) {
      if (tag === TAG.UTF8 && file.has(body, idSize + FRONT)) take(body, end);
      return false;
    },
  });
  return texts;
}
