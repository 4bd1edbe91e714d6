import { IntColumn } from '../../../core/base/bytes/int-column.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { HprofFile } from '../records/file.js';
import { IdTable } from './id-table.js';
import type { ObjectLayout } from './layouts.js';
import type { ObjectIndex } from './object-index.js';
import { FIELD, type ReferenceList } from './reverse-pass.js';
import { u32 } from './walk-objects.js';

/** References between two pauses. */
const SOME = 4096;
/** Maps, and constants of all their enums, that are kept. */
const MOST = { maps: 2 ** 16, constants: 2 ** 18 };

/**
 * Maps whose keys are constants of an enum (java.util.EnumMap): an array of values by ordinal, and an array
 * of the constants (`keyUniverse`) that all maps of one enum share.
 */
export class EnumMaps {
  readonly #file: HprofFile;
  /** Arrays of values, and by number the number of the array of constants. */
  readonly #values = new IdTable();
  readonly #universeOf = new IntColumn();
  readonly #universes = new IdTable();
  /** Identifiers of constants, by array and ordinal. */
  readonly #constants: { high: IntColumn; low: IntColumn }[] = [];

  constructor(file: HprofFile) {
    this.#file = file;
  }

  /** Adds a map whose data is bytes[data, end). */
  add({ enumMap }: ObjectLayout, bytes: DataView, data: number, end: number): void {
    const { idSize } = this.#file.header;
    if (enumMap === undefined || this.#values.count >= MOST.maps) return;
    const [values, universe] = [data + enumMap.valuesAt, data + enumMap.universeAt];
    if (Math.max(values, universe) + idSize > end) return;
    const count = this.#values.count;
    if (this.#values.add(this.#high(bytes, values), this.#low(bytes, values)) < count) return;
    this.#universeOf.push(this.#universes.add(this.#high(bytes, universe), this.#low(bytes, universe)));
  }

  /** Reads the constants of all maps. */
  *read(index: ObjectIndex): Pausing<never> {
    const { idSize } = this.#file.header;
    for (let i = 0; i < this.#universes.count; i++)
      this.#constants.push({ high: new IntColumn(), low: new IntColumn() });
    let kept = 0;
    yield* index.find(this.#universes, {
      elements: (bytes, heads, head, start, end, first) => {
        const universe = this.#universes.indexOf(this.#high(heads, head + 1), this.#low(heads, head + 1));
        const { high, low } = this.#constants[universe]!;
        // An array that is dumped twice counts once, and a part only behind the part before it.
        if (high.count !== first) return;
        for (let at = start; at + idSize <= end && kept < MOST.constants; at += idSize, kept++) {
          high.push(this.#high(bytes, at));
          low.push(this.#low(bytes, at));
        }
      },
    });
  }

  /** Enters the keys of elements of these maps into a list of references to targets. */
  *enterKeys(hits: ReferenceList, targets: IdTable, index: ObjectIndex): Pausing<never> {
    const arrays = new IdTable();
    const mapped: [hit: number, array: number][] = [];
    for (let hit = 0; hit < hits.count; hit++) {
      if (hit % SOME === 0) yield;
      const [high, low] = [hits.high.at(hit) >>> 0, hits.low.at(hit) >>> 0];
      if (hits.field.at(hit) !== FIELD.element || !this.#values.mayHave(low)) continue;
      if (this.#values.indexOf(high, low) >= 0) mapped.push([hit, arrays.add(high, low)]);
    }
    /** Places of targets, by array. */
    const places = Array.from({ length: arrays.count }, () => new Map<number, number>());
    yield* index.find(arrays, {
      elements: (bytes, heads, head, start, end, first) => {
        const own = places[arrays.indexOf(this.#high(heads, head + 1), this.#low(heads, head + 1))]!;
        const { idSize } = this.#file.header;
        for (let at = start; at + idSize <= end; at += idSize) {
          const target = targets.indexOf(this.#high(bytes, at), this.#low(bytes, at));
          if (target >= 0) own.set(target, (at - start) / idSize + first);
        }
      },
    });
    for (const [hit, array] of mapped) {
      const key = this.#keyOf(
        hits.high.at(hit) >>> 0,
        hits.low.at(hit) >>> 0,
        places[array]!.get(hits.target.at(hit)),
      );
      if (key === undefined) continue;
      hits.field.set(hit, FIELD.enumerated);
      hits.keyHigh.set(hit, key.high);
      hits.keyLow.set(hit, key.low);
    }
  }

  /** The constant that is the key of an element, by its array and its place in it. */
  #keyOf(high: number, low: number, place = -1): { high: number; low: number } | undefined {
    const constants = this.#constants[this.#universeOf.at(this.#values.indexOf(high, low))];
    if (constants === undefined || place < 0 || place >= constants.high.count) return undefined;
    return { high: constants.high.at(place), low: constants.low.at(place) };
  }

  #high(bytes: DataView, at: number): number {
    return this.#file.header.idSize === 8 ? u32(bytes, at) : 0;
  }

  #low(bytes: DataView, at: number): number {
    return u32(bytes, at + this.#file.header.idSize - 4);
  }
}
