import type { SubRecord } from './record-locator.js';
import type { Classes } from './records/classes.js';
import type { HprofFile, Id } from './records/file.js';
import { readClassTables, SUB } from './records/subrecords.js';
import { nameOfType, sizeOfType } from './records/types.js';
import type { ArrayPlace, Referrer } from './referrers.js';

/** Identifiers of the names in `class.field`, and the text used if there is no class. */
export interface Naming {
  classId?: Id | undefined;
  nameId?: Id | undefined;
  plain: string;
}

/** How an object will be named once the names of classes and fields are read. */
export interface Label {
  /** Equal for offsets with the same name. */
  key: number;
  /** Its name until then. */
  provisional: string;
  /** Set for an array, which is named by its owner. */
  array?: ArrayPlace;
  naming(classes: Classes, owner: Referrer | undefined): Naming;
}

type Describe = (file: HprofFile, sub: SubRecord, offset: number) => Label | undefined;

const hex = (id: Id): string => `0x${id.toString(16)}`;

const primitiveArray: Describe = (file, { offset: key }) => {
  const { idSize } = file.header;
  if (!file.has(key, 10 + idSize)) return undefined;
  const id = file.id(key + 1);
  const plain = `${nameOfType(file.u8(key + 9 + idSize))}[]`;
  return {
    key,
    provisional: `${plain} ${hex(id)}`,
    array: { id, offset: key },
    naming: (classes, owner) => ({
      plain,
      classId: owner?.classId,
      nameId: owner?.field === undefined ? owner?.nameId : classes.fieldAt(owner.classId, owner.field),
    }),
  };
};

const instance: Describe = (file, { offset: start }, offset) => {
  const { idSize } = file.header;
  if (!file.has(start, 5 + 2 * idSize)) return undefined;
  const classId = file.id(start + 5 + idSize);
  const at = offset - (start + 9 + 2 * idSize);
  return {
    key: offset,
    provisional: `instance ${hex(file.id(start + 1))}`,
    naming: (classes) => ({
      plain: 'instance',
      classId,
      nameId: at < 0 ? undefined : classes.fieldAt(classId, at),
    }),
  };
};

const objectArray: Describe = (file, { offset: key }) => {
  const { idSize } = file.header;
  if (!file.has(key, 9 + 2 * idSize)) return undefined;
  const classId = file.id(key + 9 + idSize);
  const plain = 'object[]';
  return { key, provisional: `${plain} ${hex(file.id(key + 1))}`, naming: () => ({ plain, classId }) };
};

const classDump: Describe = (file, { offset: start }, offset) => {
  const { idSize } = file.header;
  if (!file.has(start, 1 + idSize)) return undefined;
  const classId = file.id(start + 1);
  let nameAt: number | undefined;
  readClassTables(file, start, (value) => {
    if (offset >= value.at && offset < value.at + sizeOfType(value.type, idSize)) nameAt = value.nameAt;
  });
  const nameId = nameAt !== undefined && file.has(nameAt, idSize) ? file.id(nameAt) : undefined;
  const plain = 'class';
  return { key: offset, provisional: `${plain} ${hex(classId)}`, naming: () => ({ plain, classId, nameId }) };
};

const TABLE: Readonly<Record<number, Describe>> = {
  [SUB.CLASS_DUMP]: classDump,
  [SUB.INSTANCE_DUMP]: instance,
  [SUB.OBJ_ARRAY_DUMP]: objectArray,
  [SUB.PRIM_ARRAY_DUMP]: primitiveArray,
  [SUB.PRIM_ARRAY_NODATA]: primitiveArray,
};

/** The label of the object at an offset; undefined for GC roots, and where the file is truncated. */
export function labelOf(file: HprofFile, sub: SubRecord, offset: number): Label | undefined {
  return TABLE[sub.tag]?.(file, sub, offset);
}
