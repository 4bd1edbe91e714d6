import type { Pausing } from '../../../base/runtime/turns.js';
import type { Checkpoints } from '../records/checkpoints.js';
import type { HprofFile, Id } from '../records/file.js';
import { TAG } from '../records/records.js';
import { walkRecords } from '../records/walk.js';

/** Texts of HPROF_UTF8 records that are in a set, by identifier; classes with dots, as in Java. */
export function* knownTexts(
  file: HprofFile,
  checkpoints: Checkpoints,
  known: ReadonlySet<string>,
): Pausing<never, ReadonlyMap<Id, string>> {
  const { idSize } = file.header;
  const longest = Math.max(0, ...Array.from(known, ({ length }) => length));
  const texts = new Map<Id, string>();
  const add = (body: number, text: string): void => {
    const word = text.replaceAll('/', '.');
    if (known.has(word)) texts.set(file.id(body), word);
  };
  yield* walkRecords(file, checkpoints, {
    skipTag: TAG.UTF8,
    skipping: (bytes, body, end, base) => {
      if (end - body - idSize > longest) return;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + body + idSize, end - body - idSize);
      add(base + body, text.toString('latin1'));
    },
    record: ({ tag, body, end }) => {
      const length = end - body - idSize;
      if (tag === TAG.UTF8 && length >= 0 && length <= longest && file.has(body, idSize + length))
        add(body, file.text(body + idSize, length));
      return false;
    },
  });
  return texts;
}
