import { unionOf } from '../../core/base/bytes/intervals.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { Extent } from '../../core/model/report.js';
import type { Classes } from './records/classes.js';
import type { HprofFile, Id } from './records/file.js';
import { OBJECT, readClassTables, SUB } from './records/subrecords.js';
import { type Checkpoints, walkInTurns } from './records/walk.js';

/**
 * What refers to an array: a field of an instance, a static field, or (without either) an array of objects.
 */
export interface Referrer {
  classId: Id;
  /** Offset of the field's value in an instance's data. */
  field?: number;
  /** Identifier of a static field's name. */
  nameId?: Id | undefined;
}

/** An array whose owner is searched for. */
export interface ArrayPlace {
  id: Id;
  /** File offset: the referrer is usually written near the object. */
  offset: number;
}

/** Bytes before and after an array that are searched first. */
const NEAR = 1024 * 1024;
const FILTER = 2 ** 16;
/** Classes between two pauses. */
const SOME = 1024;

/**
 * Finds the owner of each array: a static field, else an instance near it, else an array of objects near it,
 * else the first of either kind in the whole file. Within a walk, an instance takes precedence over an array,
 * and the first of several owners over the others.
 */
export class ReferrerSearch {
  readonly #file: HprofFile;
  readonly #checkpoints: Checkpoints;
  readonly #classes: Classes;
  readonly #wanted = new Set<Id>();
  readonly #found = new Map<Id, Referrer>();
  /** Indexed by low bits of an identifier: rejects most references that are not wanted. */
  readonly #filter = new Uint8Array(FILTER);

  constructor(file: HprofFile, checkpoints: Checkpoints, classes: Classes) {
    this.#file = file;
    this.#checkpoints = checkpoints;
    this.#classes = classes;
  }

  *run(arrays: readonly ArrayPlace[]): Pausing<never, ReadonlyMap<Id, Referrer>> {
    for (const { id } of arrays) {
      this.#wanted.add(id);
      this.#filter[slot(Number(BigInt.asUintN(32, BigInt(id))))] = 1;
    }
    if (arrays.length === 0) return this.#found;
    const pace = new Pace(SOME);
    for (const offset of this.#classes.offsets()) {
      this.#statics(offset);
      if (pace.isDue()) yield;
    }
    for (const { offset, length } of neighbourhoods(arrays))
      if (this.#wanted.size > 0) yield* this.#search(offset, offset + length);
    for (const id of this.#found.keys()) this.#wanted.delete(id);
    if (this.#wanted.size > 0) yield* this.#search(0, this.#file.length);
    return this.#found;
  }

  *#search(from: number, to: number): Pausing<never> {
    yield* walkInTurns(this.#file, this.#checkpoints, this.#checkpoints.before(from), to, {
      sub: (tag, offset, end) => {
        if (end <= from) return false;
        if (tag === SUB.INSTANCE_DUMP) this.#instance(offset, end);
        else if (tag === SUB.OBJ_ARRAY_DUMP) this.#elements(offset, end);
        return this.#wanted.size === 0;
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
      if (this.#mayBeWanted(at)) this.#setReferrer(file.id(at), { classId, field: fields[index]! });
    }
  }

  #statics(offset: number): void {
    const file = this.#file;
    const { idSize } = file.header;
    readClassTables(file, offset, ({ nameAt, type, at }) => {
      if (type !== OBJECT || nameAt === undefined || !file.has(at, idSize) || !this.#mayBeWanted(at)) return;
      const id = file.id(at);
      const nameId = file.has(nameAt, idSize) ? file.id(nameAt) : undefined;
      if (file.has(offset, 1 + idSize)) this.#setReferrer(id, { classId: file.id(offset + 1), nameId });
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
      if (this.#wanted.has(id) && !this.#found.has(id)) this.#found.set(id, { classId });
    }
  }

  #mayBeWanted(at: number): boolean {
    return this.#filter[slot(this.#file.low(at))] === 1;
  }

  #setReferrer(id: Id, owner: Referrer): void {
    if (this.#wanted.delete(id)) this.#found.set(id, owner);
  }
}

/** Objects are aligned to 8 bytes. */
function slot(low: number): number {
  return (low >>> 3) & (FILTER - 1);
}

/** Union of the extents around all arrays. */
function neighbourhoods(arrays: readonly ArrayPlace[]): Extent[] {
  const around = arrays.map(({ offset: array }) => {
    const offset = Math.max(0, array - NEAR);
    return { offset, length: array + NEAR - offset };
  });
  return unionOf(around);
}
