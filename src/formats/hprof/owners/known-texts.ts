import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { ObjectQuery } from '../../memory/types.js';
import type { Checkpoints } from '../records/checkpoints.js';
import type { HprofFile, Id } from '../records/file.js';
import { TAG } from '../records/records.js';
import { walkRecords } from '../records/walk.js';
import { QueriedClasses } from './queried-classes.js';
import { ROLE_WORDS } from './roles.js';

/** Texts of HPROF_UTF8 records that are in a set, by identifier; classes with dots, as in Java. */
function* knownTexts(
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

/** Texts of the words that roles of fields and queries have; those of the last queries are kept. */
export class RoleTexts {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  #words: ReadonlySet<string> = new Set();
  #texts: ReadonlyMap<Id, string> = new Map();

  constructor(file: HprofFile, checkpoints: Checkpoints) {
    this.#file = file;
    this.#checkpoints = checkpoints;
  }

  /** All of them, by identifier, and perhaps others. */
  *read(queries: readonly ObjectQuery[]): Pausing<never, ReadonlyMap<Id, string>> {
    const words = [...ROLE_WORDS, ...QueriedClasses.words(queries)];
    if (!words.every((word) => this.#words.has(word))) {
      const wanted = new Set(words);
      this.#texts = yield* knownTexts(this.#file, this.#checkpoints, wanted);
      this.#words = wanted;
    }
    return this.#texts;
  }
}
