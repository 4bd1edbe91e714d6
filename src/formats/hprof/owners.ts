import type { Checkpoints } from './checkpoints.js';
import type { Classes } from './classes.js';
import type { HprofFile, Id } from './file.js';
import { readClassTables, SUB } from './subrecords.js';
import { OBJECT } from './types.js';
import { walk } from './walk.js';

/** What refers to an array: a field of an instance or of a class, or (with neither) an array of objects. */
export interface Owner {
  classId: Id;
  /** Offset of the field's value in an instance's data. */
  field?: number;
  /** Identifier of a static field's name. */
  nameId?: Id | undefined;
}

/** An array whose owner is asked for. */
export interface ArrayPlace {
  id: Id;
  /** Where it lies in the file: whoever refers to an object is most often written near it. */
  offset: number;
}

/** Bytes before and behind an array in which its owner is looked for first. */
const NEAR = 1024 * 1024;
const FILTER = 2 ** 16;

/**
 * The owner of each array, by identifier: a static field, else an instance near it, else an array of objects
 * near it. What has none of these is looked for in the whole file. In each walk the first owner stands, an
 * instance before an array.
 */
export class OwnerSearch {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  readonly #classes: Classes;
  readonly #left = new Set<Id>();
  readonly #found = new Map<Id, Owner>();
  /** One byte a value of some low bits of an identifier: most references are none of those looked for. */
  readonly #filter = new Uint8Array(FILTER);

  constructor(file: HprofFile, marks: Checkpoints, classes: Classes) {
    this.#file = file;
    this.#checkpoints = marks;
    this.#classes = classes;
  }

  run(arrays: readonly ArrayPlace[]): ReadonlyMap<Id, Owner> {
    for (const { id } of arrays) {
      this.#left.add(id);
      this.#filter[slot(Number(BigInt.asUintN(32, BigInt(id))))] = 1;
    }
    if (arrays.length === 0) return this.#found;
    for (const offset of this.#classes.offsets()) this.#statics(offset);
    for (const [from, to] of neighbourhoods(arrays)) if (this.#left.size > 0) this.#look(from, to);
    for (const id of this.#found.keys()) this.#left.delete(id);
    if (this.#left.size > 0) this.#look(0, this.#file.length);
    return this.#found;
  }

  #look(from: number, to: number): void {
    walk(this.#file, this.#checkpoints, this.#checkpoints.before(from), to, {
      sub: (tag, offset, end) => {
        if (end <= from) return false;
        if (tag === SUB.INSTANCE_DUMP) this.#instance(offset, end);
        else if (tag === SUB.OBJ_ARRAY_DUMP) this.#elements(offset, end);
        return this.#left.size === 0;
      },
    });
  }

  #instance(offset: number, end: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    const data = offset + 9 + 2 * idSize;
    if (data === end || !file.has(offset, end - offset)) return;
    const classId = file.id(offset + 5 + idSize);
    const fields = this.#classes.references(classId);
    for (let index = 0; index < fields.length; index++) {
      const at = data + fields[index]!;
      if (at + idSize > end) return;
      if (this.#mayBeWanted(at)) this.#own(file.id(at), { classId, field: fields[index]! });
    }
  }

  #statics(offset: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    readClassTables(file, offset, ({ nameAt, type, at }) => {
      if (type !== OBJECT || nameAt === undefined || !file.has(at, idSize) || !this.#mayBeWanted(at)) return;
      const id = file.id(at);
      const nameId = file.has(nameAt, idSize) ? file.id(nameAt) : undefined;
      if (file.has(offset, 1 + idSize)) this.#own(id, { classId: file.id(offset + 1), nameId });
    });
  }

  #elements(offset: number, end: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    if (!file.has(offset, 9 + 2 * idSize)) return;
    const classId = file.id(offset + 9 + idSize);
    for (let at = offset + 9 + 2 * idSize; at + idSize <= end && file.has(at, idSize); at += idSize) {
      if (!this.#mayBeWanted(at)) continue;
      const id = file.id(at);
      if (this.#left.has(id) && !this.#found.has(id)) this.#found.set(id, { classId });
    }
  }

  #mayBeWanted(at: number): boolean {
    return this.#filter[slot(this.#file.low(at))] === 1;
  }

  #own(id: Id, owner: Owner): void {
    if (this.#left.delete(id)) this.#found.set(id, owner);
  }
}

/** Objects are aligned to 8 bytes. */
function slot(low: number): number {
  return (low >>> 3) & (FILTER - 1);
}

/** The stretches around all arrays, merged. */
function neighbourhoods(orphans: readonly ArrayPlace[]): [from: number, to: number][] {
  const offsets = Float64Array.from(orphans, ({ offset }) => offset).sort();
  const stretches: [number, number][] = [];
  for (const offset of offsets) {
    const last = stretches.at(-1);
    if (last !== undefined && offset - NEAR <= last[1]) last[1] = offset + NEAR;
    else stretches.push([Math.max(0, offset - NEAR), offset + NEAR]);
  }
  return stretches;
}
