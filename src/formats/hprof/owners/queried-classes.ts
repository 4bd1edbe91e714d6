import type { ObjectQuery } from '../../memory/types.js';
import type { Classes } from '../records/classes.js';
import type { Id } from '../records/file.js';
import type { HprofSummary } from '../records/summary.js';
import { IdTable } from './id-table.js';

/** A query, with its paths divided into fields. */
export interface ClassQuery {
  index: number;
  paths: readonly (readonly string[])[];
  withHolders: boolean;
}

/** Superclasses that are looked at for all classes together: hostile classes may inherit from each other. */
const MOST_LINEAGE = 2 ** 22;

/** The classes of a heap that are asked for. */
export class QueriedClasses {
  readonly #queries: ReadonlyMap<string, ClassQuery>;
  /** Words that the dump has, by identifier: names of classes and fields of the queries among them. */
  readonly #texts: ReadonlyMap<Id, string>;
  readonly #classNames: ReadonlyMap<Id, Id>;

  /** `texts`: of {@link QueriedClasses.words}, and perhaps more. */
  constructor(texts: ReadonlyMap<Id, string>, { classNames }: HprofSummary, queries: readonly ObjectQuery[]) {
    this.#queries = new Map(
      queries.map(({ className, paths, withHolders = false }, index) => [
        className,
        { index, paths: paths.map((path) => path.split('.')), withHolders },
      ]),
    );
    this.#texts = texts;
    this.#classNames = classNames;
  }

  /** Names of classes and fields. */
  static words(queries: readonly ObjectQuery[]): string[] {
    return queries.flatMap(({ className, paths }) => [
      className,
      ...paths.flatMap((path) => path.split('.')),
    ]);
  }

  /** True if none of them is loaded; a subclass is never loaded without its superclass. */
  get isEmpty(): boolean {
    return ![...this.#classNames.keys()].some((id) => this.#queryOf(id) !== undefined);
  }

  #queryOf(classId: Id): ClassQuery | undefined {
    const name = this.#texts.get(this.#classNames.get(classId) ?? -1);
    return name === undefined ? undefined : this.#queries.get(name);
  }

  /** Name of a field, if it is one of the words. */
  fieldName(nameId: Id): string | undefined {
    return this.#texts.get(nameId);
  }

  /** Classes whose objects a query is about, in the order of `ids`: that of the nearest superclass. */
  find(classes: Classes): { ids: IdTable; queries: ClassQuery[] } {
    const ids = new IdTable();
    const queries: ClassQuery[] = [];
    if (this.isEmpty) return { ids, queries };
    let looked = 0;
    for (const id of classes.ids()) {
      for (const each of classes.lineage(id)) {
        if (++looked > MOST_LINEAGE) return { ids, queries };
        const query = this.#queryOf(each);
        if (query === undefined) continue;
        const whole = BigInt(id);
        ids.add(Number(whole >> 32n), Number(whole & 0xffffffffn));
        queries[ids.count - 1] = query;
        break;
      }
    }
    return { ids, queries };
  }
}
