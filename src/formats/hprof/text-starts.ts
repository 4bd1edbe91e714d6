import type { Extent } from '../../model/report.js';
import type { Checkpoints } from './checkpoints.js';
import type { HprofFile } from './file.js';
import { TAG } from './records.js';
import { walk } from './walk.js';

/** Bytes of a text that is worth a look: shorter ones hold no secret that the value net finds. */
const SHORTEST = 16;
/** Printable ASCII. */
const isPrintable = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

/** Texts of HPROF_UTF8 records whose identifier ends with what looks like a character of the text. */
export function textStarts(file: HprofFile, checkpoints: Checkpoints): Extent[] {
  const { idSize } = file.header;
  const texts: Extent[] = [];
  walk(file, checkpoints, checkpoints.before(0), file.length, {
    record({ tag, body, end }) {
      const offset = body + idSize;
      if (tag !== TAG.UTF8 || end - offset < SHORTEST || !file.has(body, idSize)) return false;
      if (isPrintable(file.u8(offset - 1))) texts.push({ offset, length: end - offset });
      return false;
    },
  });
  return texts;
}
