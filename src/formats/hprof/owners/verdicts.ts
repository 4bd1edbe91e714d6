import type { Pausing } from '../../../core/base/runtime/turns.js';
import { rememberedVerdicts } from '../../memory/remembered-verdicts.js';
import type { MayName } from '../../memory/types.js';
import type { Id } from '../records/file.js';
import { IdTable } from './id-table.js';
import { idOf, type Layouts } from './layouts.js';
import type { ObjectTexts } from './object-texts.js';
import { FIELD, type ReferenceList } from './reverse-pass.js';
import { ENUM_MAP, ROLE } from './roles.js';

/** What a reference says of the object that it leads to. */
export type NameVerdict =
  /** It has no name there: its holder may have one, or that of the key beside it. */
  | { type: 'follow'; through: 'part' | 'wrapper'; byKey?: true }
  /** Its name is no secret's. */
  | { type: 'plain' }
  | {
      type: 'named';
      kind: 'field' | 'static' | 'key';
      name: string;
      classId: Id | undefined;
      /** Class of the collection, where that of the holder does not show it. */
      collection?: string;
    };

const PLAIN: NameVerdict = { type: 'plain' };
const PART: NameVerdict = { type: 'follow', through: 'part' };
const KEYED: NameVerdict = { type: 'follow', through: 'part', byKey: true };
const WRAPPED: NameVerdict = { type: 'follow', through: 'wrapper' };

/** The verdicts on the references of one pass: names of fields and keys are read for all together. */
export class Verdicts {
  readonly #layouts: Layouts;
  readonly #mayName: MayName;

  constructor(layouts: Layouts, mayName: MayName) {
    this.#layouts = layouts;
    this.#mayName = rememberedVerdicts(mayName);
  }

  /** Reads what {@link of} needs. `names`: reads names by their identifiers. */
  *judge(
    hits: ReferenceList,
    texts: ObjectTexts,
    names: (wanted: ReadonlySet<Id>) => Pausing<never, ReadonlyMap<Id, string>>,
  ): Pausing<never, (hit: number) => NameVerdict> {
    const wanted = new Set<Id>();
    const keys = new IdTable();
    const keyOf = new Int32Array(hits.count).fill(-1);
    for (let hit = 0; hit < hits.count; hit++) {
      const field = hits.field.at(hit);
      const [high, low] = [hits.keyHigh.at(hit) >>> 0, hits.keyLow.at(hit) >>> 0];
      if (field === FIELD.static) wanted.add(idOf(high, low));
      else if (field >= 0 && this.#layouts.role[field] === ROLE.keyed) continue;
      else if (high !== 0 || low !== 0) keyOf[hit] = keys.add(high, low);
      else if (field >= 0 && this.#layouts.role[field] === ROLE.named) wanted.add(this.#layouts.name[field]!);
      if (hit % 4096 === 0) yield;
    }
    const nameOf = yield* names(wanted);
    /** Verdict of each key: 0 without a text, 1 a plain one, 2 a secret's. */
    const judged = new Uint8Array(keys.count);
    const secrets = new Map<number, string>();
    yield* texts.read(keys, (key, text) => {
      judged[key] = this.#mayName(text) ? 2 : 1;
      if (judged[key] === 2) secrets.set(key, text);
    });
    const byField: NameVerdict[] = [];
    return (hit) => {
      const field = hits.field.at(hit);
      const key = keyOf[hit]!;
      if (field === FIELD.plain) return PLAIN;
      if (field === FIELD.static) {
        const holder = idOf(hits.high.at(hit) >>> 0, hits.low.at(hit) >>> 0);
        const name = nameOf.get(idOf(hits.keyHigh.at(hit) >>> 0, hits.keyLow.at(hit) >>> 0)) ?? '';
        return this.#mayName(name) ? { type: 'named', kind: 'static', name, classId: holder } : PLAIN;
      }
      if (key >= 0 && judged[key] === 2) {
        const classId = field >= 0 ? this.#layouts.owner[field] : undefined;
        const collection = field === FIELD.enumerated ? { collection: ENUM_MAP } : {};
        return { type: 'named', kind: 'key', name: secrets.get(key)!, classId, ...collection };
      }
      if (field === FIELD.enumerated) return PLAIN;
      if (field === FIELD.element) return PART;
      const role = this.#layouts.role[field];
      if (role === ROLE.part) return PART;
      if (role === ROLE.wrapped) return WRAPPED;
      if (role === ROLE.key) return PLAIN;
      if (role === ROLE.keyed) return KEYED;
      // A key without a text is a number, or an object of some class.
      if (role === ROLE.beside) return key >= 0 && judged[key] === 1 ? PLAIN : WRAPPED;
      byField[field] ??= this.#fieldVerdict(field, nameOf);
      return byField[field];
    };
  }

  #fieldVerdict(field: number, nameOf: ReadonlyMap<Id, string>): NameVerdict {
    const name = nameOf.get(this.#layouts.name[field]!) ?? '';
    const classId = this.#layouts.declaring[field];
    return this.#mayName(name) ? { type: 'named', kind: 'field', name, classId } : PLAIN;
  }
}
