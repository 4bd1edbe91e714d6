import type { Extent } from '../../model/report.js';
import type { TextFronts } from '../memory/types.js';
import type { Checkpoints } from './checkpoints.js';
import type { BufferedRecord, HprofFile } from './file.js';
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
  const take: BufferedRecord = (bytes, body, end, base) => {
    const at = body + idSize;
    if (end - at < SHORTEST || !isPrintable(bytes[at - 1]!)) return;
    if (wanted(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!))
      texts.push({ offset: base + at, length: end - at });
  };
  const bytes = new Uint8Array(idSize + FRONT);
  walk(file, checkpoints, checkpoints.before(0), file.length, {
    skipTag: TAG.UTF8,
    skipping: take,
    record({ tag, body, end }) {
      if (tag !== TAG.UTF8 || !file.has(body, bytes.length)) return false;
      file.copy(body, bytes);
      take(bytes, 0, end - body, body);
      return false;
    },
  });
  return texts;
}
