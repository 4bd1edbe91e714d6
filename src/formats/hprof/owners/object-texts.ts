import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HprofFile } from '../records/file.js';
import { IdTable } from './id-table.js';
import type { Layouts } from './layouts.js';
import type { ObjectIndex } from './object-index.js';
import { u32 } from './walk-objects.js';

/** Bytes of the longest text that may be a name. */
const LONGEST = 400;
/** From a key to its text: an object with a name, a String, its array. */
const ROUNDS = 4;
const CHAR = 5;
const BYTE = 8;

/** Texts of Strings, and of objects that have one: constants of enums, variables of the environment. */
export class ObjectTexts {
  readonly #file: HprofFile;
  readonly #index: ObjectIndex;
  readonly #layouts: Layouts;

  constructor(file: HprofFile, index: ObjectIndex, layouts: Layouts) {
    this.#file = file;
    this.#index = index;
    this.#layouts = layouts;
  }

  /** Passes on the texts that objects have, by number of their identifiers; in a few passes for all. */
  *read(ids: IdTable, take: (index: number, text: string) => void): Pausing<never> {
    const isWide = this.#file.header.idSize === 8;
    /** Objects of a list share the next object on their way; -1 ends it. */
    const following = new Int32Array(ids.count).fill(-1);
    let pending = ids;
    let firsts = Int32Array.from({ length: ids.count }, (_, index) => index);
    for (let round = 0; round < ROUNDS && pending.count > 0; round++) {
      const next = new IdTable();
      const nextFirsts: number[] = [];
      const seen = new Uint8Array(pending.count);
      /** First object of the list that leads to the one at `head`; -1 if that has been seen. */
      const firstOf = (bytes: DataView, head: number): number => {
        const index = pending.indexOf(isWide ? u32(bytes, head + 1) : 0, u32(bytes, head + (isWide ? 5 : 1)));
        if (index < 0 || seen[index] === 1) return -1;
        seen[index] = 1;
        return firsts[index]!;
      };
      yield* this.#index.find(pending, {
        instance: (bytes, head, data, end) => {
          const { textAt } = this.#layouts.at(bytes, data);
          const at = data + textAt;
          if (textAt < 0 || at + (isWide ? 8 : 4) > end) return;
          let object = firstOf(bytes, head);
          if (object < 0) return;
          const place = isWide ? next.add(u32(bytes, at), u32(bytes, at + 4)) : next.add(0, u32(bytes, at));
          while (object >= 0) {
            const after = following[object]!;
            following[object] = nextFirsts[place] ?? -1;
            nextFirsts[place] = object;
            object = after;
          }
        },
        primitives: (bytes, head, type, _at, size, end) => {
          const start = head + (isWide ? 18 : 14);
          if ((type !== CHAR && type !== BYTE) || size > LONGEST || end - start < size) return;
          const text = textOf(bytes, start, size, type);
          for (let object = firstOf(bytes, head); object >= 0; object = following[object]!)
            take(object, text);
        },
      });
      pending = next;
      firsts = Int32Array.from(nextFirsts);
    }
  }
}

/** Text of a String's elements: chars are big-endian, compact strings Latin-1 or little-endian UTF-16. */
function textOf(elements: DataView, start: number, size: number, type: number): string {
  const bytes = Buffer.from(new Uint8Array(elements.buffer, elements.byteOffset + start, size));
  if (type === BYTE)
    return bytes.toString(bytes.includes(0) && bytes.length % 2 === 0 ? 'utf16le' : 'latin1');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
}
