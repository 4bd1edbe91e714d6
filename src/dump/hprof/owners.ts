import type { Classes } from './classes.js';
import type { HprofFile, Id } from './file.js';
import type { Marks } from './marks.js';
import { readClassTables, SUB } from './subrecords.js';
import { OBJECT } from './types.js';
import { walk } from './walk.js';

/** What refers to an array: a field of an instance or of a class, or an array of objects. */
export interface Owner {
  kind: 'field' | 'static' | 'element';
  classId: Id;
  /** Offset of the value in an instance's data; identifier of a static field's name. */
  field?: number;
  nameId?: Id;
}

/** An array whose owner is asked for. */
export interface Orphan {
  id: Id;
  /** Where it lies in the file: whoever refers to an object is most often written near it. */
  offset: number;
}

/** Bytes before and behind an array in which its owner is looked for first. */
const NEAR = 4 * 1024 * 1024;
/** Of several owners, the kind that says most. */
const RANK = { field: 3, static: 2, element: 1 } as const;
const FILTER = 2 ** 16;

/**
 * The owner of each array, by identifier. Instances near the arrays are looked at first, then, for what is left, the
 * whole file in its order: of owners of one kind the first one stands.
 */
export class OwnerSearch {
  readonly #file: HprofFile;
  readonly #marks: Marks;
  readonly #classes: Classes;
  readonly #left = new Set<Id>();
  readonly #found = new Map<Id, Owner>();
  /** One byte a value of some low bits of an identifier: most references are none of those looked for. */
  readonly #filter = new Uint8Array(FILTER);

  constructor(file: HprofFile, marks: Marks, classes: Classes) {
    this.#file = file;
    this.#marks = marks;
    this.#classes = classes;
  }

  run(orphans: readonly Orphan[]): ReadonlyMap<Id, Owner> {
    for (const { id } of orphans) {
      this.#left.add(id);
      this.#filter[slot(Number(BigInt.asUintN(32, BigInt(id))))] = 1;
    }
    for (const [from, to] of neighbourhoods(orphans)) this.#look(from, to);
    if (this.#left.size > 0) this.#look(0, this.#file.length);
    return this.#found;
  }

  #look(from: number, to: number): void {
    const lookers: Readonly<Record<number, (offset: number, end: number) => void>> = {
      [SUB.INSTANCE_DUMP]: (offset, end) => this.#instance(offset, end),
      [SUB.OBJ_ARRAY_DUMP]: (offset, end) => this.#elements(offset, end),
      [SUB.CLASS_DUMP]: (offset) => this.#statics(offset),
    };
    walk(this.#file, this.#marks, this.#marks.before(from), to, {
      sub: (tag, offset, end) => {
        lookers[tag]?.(offset, end);
        return this.#left.size === 0;
      },
    });
  }

  #instance(offset: number, end: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    if (!file.has(offset, end - offset)) return;
    const classId = file.id(offset + 5 + idSize);
    const data = offset + 9 + 2 * idSize;
    for (const field of this.#classes.references(classId)) {
      const at = data + field;
      if (at + idSize > end) return;
      if (this.#mayBeWanted(at)) this.#offer(file.id(at), { kind: 'field', classId, field });
    }
  }

  #statics(offset: number): void {
    const file = this.#file;
    readClassTables(file, offset, ({ nameAt, type, at }) => {
      if (type !== OBJECT || nameAt === undefined || !file.has(at, file.header.idSize)) return;
      if (!this.#mayBeWanted(at)) return;
      const id = file.id(at);
      if (!this.#left.has(id) || !file.has(offset, 1 + file.header.idSize)) return;
      const classId = file.id(offset + 1);
      if (file.has(nameAt, file.header.idSize))
        this.#offer(id, { kind: 'static', classId, nameId: file.id(nameAt) });
    });
  }

  #elements(offset: number, end: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    const classId = file.id(offset + 9 + idSize);
    for (let at = offset + 9 + 2 * idSize; at + idSize <= end && file.has(at, idSize); at += idSize) {
      if (this.#mayBeWanted(at)) this.#offer(file.id(at), { kind: 'element', classId });
    }
  }

  #mayBeWanted(at: number): boolean {
    return this.#filter[slot(this.#file.low(at))] === 1;
  }

  #offer(id: Id, owner: Owner): void {
    if (!this.#left.has(id)) return;
    const known = this.#found.get(id);
    if (known === undefined || RANK[owner.kind] > RANK[known.kind]) this.#found.set(id, owner);
    if (owner.kind === 'field') this.#left.delete(id);
  }
}

/** Objects are aligned to 8 bytes. */
function slot(low: number): number {
  return (low >>> 3) & (FILTER - 1);
}

/** The stretches around all arrays, merged. */
function neighbourhoods(orphans: readonly Orphan[]): [from: number, to: number][] {
  const offsets = Float64Array.from(orphans, ({ offset }) => offset).sort();
  const stretches: [number, number][] = [];
  for (const offset of offsets) {
    const last = stretches.at(-1);
    if (last !== undefined && offset - NEAR <= last[1]) last[1] = offset + NEAR;
    else stretches.push([Math.max(0, offset - NEAR), offset + NEAR]);
  }
  return stretches;
}
