import type { HprofFile, Id } from './file.js';
import { OBJECT, readClassTables, sizeOfType } from './subrecords.js';

/** A large application loads 100,000 classes. */
const MAX_CLASSES = 2 ** 18;
/** Reference fields of all classes; a second time, inherited ones included. */
const MAX_REFERENCES = 2 ** 22;
/** Fields that are read for {@link Classes.referenceFields}: hostile classes may inherit from themselves. */
const MAX_VISITS = 2 ** 24;
/** The longest chain of superclasses. */
const MAX_DEPTH = 256;

/** Data of the instances of a class. */
interface Layout {
  /** Size in bytes. */
  size: number;
  /** Offsets of references. */
  references: Uint32Array;
}

const NONE: Layout = { size: 0, references: new Uint32Array(0) };

interface ClassInfo {
  superclass: Id;
  /** File offset of its HPROF_GC_CLASS_DUMP. */
  offset: number;
  /** Size of the fields that the class itself declares, in bytes. */
  size: number;
  /** Offsets of reference fields among them. */
  references: Uint32Array;
}

/** Layouts of instances, from the class dumps: which bytes are references, and the names of fields. */
export class Classes {
  readonly #file: HprofFile;
  readonly #classes = new Map<Id, ClassInfo>();
  readonly #layouts = new Map<Id, Layout>();
  #kept = 0;
  #inherited = 0;
  #visits = 0;

  constructor(file: HprofFile) {
    this.#file = file;
  }

  get size(): number {
    return this.#classes.size;
  }

  /** File offsets of the class dumps. */
  *offsets(): Generator<number> {
    for (const { offset } of this.#classes.values()) yield offset;
  }

  /** Adds the HPROF_GC_CLASS_DUMP at an offset. */
  add(offset: number): void {
    const { idSize } = this.#file.header;
    if (this.#classes.size >= MAX_CLASSES || !this.#file.has(offset, 5 + 2 * idSize)) return;
    const id = this.#file.id(offset + 1);
    const superclass = this.#file.id(offset + 5 + idSize);
    const references: number[] = [];
    let size = 0;
    this.#eachField(offset, (type, at) => {
      if (type === OBJECT && this.#kept + references.length < MAX_REFERENCES) references.push(at);
      size = at + sizeOfType(type, idSize);
      // Behind a field of an unknown type, where the next one begins is unknown too.
      return size === at;
    });
    this.#kept += references.length;
    this.#classes.set(id, { superclass, offset, size, references: Uint32Array.from(references) });
  }

  /** Identifiers of all classes. */
  ids(): Iterable<Id> {
    return this.#classes.keys();
  }

  /** A class, then its superclasses. */
  *lineage(id: Id): Generator<Id> {
    for (const [, , own] of this.#chain(id)) yield own;
  }

  has(id: Id): boolean {
    return this.#classes.has(id);
  }

  /** Offsets of references in an instance's data. */
  references(id: Id): Uint32Array {
    return this.layout(id).references;
  }

  /** An instance's data: fields of its class, then of its superclass, and so on. */
  layout(id: Id): Layout {
    const known = this.#layouts.get(id);
    if (known !== undefined) return known;
    // Nothing is kept of the classes that hostile instances name and that are not there.
    if (this.#inherited >= MAX_REFERENCES || !this.#classes.has(id)) return NONE;
    const all: number[] = [];
    let size = 0;
    for (const [info, start] of this.#chain(id)) {
      this.#inherited++;
      size = start + info.size;
      for (const at of info.references) all.push(start + at);
    }
    this.#inherited += all.length;
    const layout = { size, references: Uint32Array.from(all) };
    this.#layouts.set(id, layout);
    return layout;
  }

  /** References in an instance's data, inherited ones too: where, its name's place, the declaring class. */
  *referenceFields(id: Id): Generator<{ at: number; nameAt: number; declaring: Id }> {
    for (const [info, start, declaring] of this.#chain(id)) {
      if (info.references.length === 0 || this.#visits > MAX_VISITS) continue;
      const fields: { at: number; nameAt: number }[] = [];
      this.#eachField(info.offset, (type, at, nameAt) => {
        this.#visits++;
        if (type === OBJECT && at < info.size) fields.push({ at: start + at, nameAt });
        return sizeOfType(type, this.#file.header.idSize) === 0;
      });
      for (const field of fields) yield { ...field, declaring };
    }
  }

  /** Name identifier of the field whose value is at `at` in an instance's data. */
  fieldAt(id: Id, at: number): Id | undefined {
    for (const [info, start] of this.#chain(id)) {
      if (at >= start + info.size) continue;
      let found: Id | undefined;
      this.#eachField(info.offset, (type, fieldAt, nameAt) => {
        if (at - start >= fieldAt + sizeOfType(type, this.#file.header.idSize)) return false;
        found = this.#file.id(nameAt);
        return true;
      });
      return found;
    }
    return undefined;
  }

  /** A class and its superclasses, each with the offset of its own fields in an instance's data. */
  *#chain(id: Id): Generator<[info: ClassInfo, start: number, id: Id]> {
    let start = 0;
    let own = id;
    let info = this.#classes.get(own);
    for (let depth = 0; info !== undefined && depth < MAX_DEPTH; depth++) {
      yield [info, start, own];
      start += info.size;
      own = info.superclass;
      info = this.#classes.get(own);
    }
  }

  /** Visits the instance fields that a class dump declares; `visit` returns true to stop. */
  #eachField(offset: number, visit: (type: number, at: number, nameAt: number) => boolean): void {
    const file = this.#file;
    const { idSize } = file.header;
    const tables = readClassTables(file, offset);
    if (tables === undefined) return;
    let at = 0;
    for (let index = 0; index < tables.count; index++) {
      const nameAt = tables.fields + index * (idSize + 1);
      if (!file.has(nameAt, idSize + 1)) return;
      const type = file.u8(nameAt + idSize);
      if (visit(type, at, nameAt)) return;
      at += sizeOfType(type, idSize);
    }
  }
}
