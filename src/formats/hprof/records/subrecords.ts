import type { HprofFile } from './file.js';

/** Sub-records of heap dump records (hprof_b_spec.h); names without their prefix HPROF_GC_. */
export const SUB = {
  CLASS_DUMP: 0x20,
  INSTANCE_DUMP: 0x21,
  OBJ_ARRAY_DUMP: 0x22,
  PRIM_ARRAY_DUMP: 0x23,
  /** Android: an array without its elements. */
  PRIM_ARRAY_NODATA: 0xc3,
} as const;

/** Length of a sub-record in bytes, its tag included; -1 if it is invalid, or truncated before its length. */
type LengthOf = (file: HprofFile, offset: number) => number;

/** A sub-record of identifiers and u4 fields. */
const fixed =
  (ids: number, words: number): LengthOf =>
  (file) =>
    1 + ids * file.header.idSize + 4 * words;

/** {id, stack u4, class id, bytes u4, data}. */
const instance: LengthOf = (file, offset) => {
  const head = 9 + 2 * file.header.idSize;
  return file.has(offset, head) ? head + file.u32(offset + head - 4) : -1;
};

/** {id, stack u4, count u4, class id, elements}. */
const objectArray: LengthOf = (file, offset) => {
  const { idSize } = file.header;
  const head = 9 + 2 * idSize;
  return file.has(offset, head) ? head + idSize * file.u32(offset + 5 + idSize) : -1;
};

/** {id, stack u4, count u4, type u1, elements}. */
const primitiveArray: LengthOf = (file, offset) => {
  const head = 10 + file.header.idSize;
  if (!file.has(offset, head)) return -1;
  const size = sizeOfType(file.u8(offset + head - 1), 4);
  return size === 0 ? -1 : head + size * file.u32(offset + head - 5);
};

/** Value of a constant or static field of a class. */
export interface ClassValue {
  /** File offset of the name's identifier; undefined for a constant. */
  nameAt?: number;
  type: number;
  /** File offset of the value. */
  at: number;
}

/**
 * HPROF_GC_CLASS_DUMP: {id, stack u4, super, loader, signers, domain, two reserved ids, instance size u4},
 * then three tables, each after its count u2: constants {index u2, type u1, value}, static fields {name id,
 * type u1, value}, instance fields {name id, type u1}. Returns the offset and count of the instance fields;
 * undefined if it is invalid.
 */
export function readClassTables(
  file: HprofFile,
  offset: number,
  visit?: (value: ClassValue) => void,
): { fields: number; count: number } | undefined {
  const { idSize } = file.header;
  let at = offset + 9 + 7 * idSize;
  for (const nameSize of [2, idSize]) {
    if (!file.has(at, 2)) return undefined;
    const count = file.u16(at);
    at += 2;
    for (let index = 0; index < count; index++) {
      if (!file.has(at, nameSize + 1)) return undefined;
      const type = file.u8(at + nameSize);
      const size = sizeOfType(type, idSize);
      if (size === 0) return undefined;
      visit?.({ type, at: at + nameSize + 1, ...(nameSize === idSize ? { nameAt: at } : {}) });
      at += nameSize + 1 + size;
    }
  }
  if (!file.has(at, 2)) return undefined;
  return { fields: at + 2, count: file.u16(at) };
}

const classDump: LengthOf = (file, offset) => {
  const tables = readClassTables(file, offset);
  if (tables === undefined) return -1;
  return tables.fields + tables.count * (file.header.idSize + 1) - offset;
};

const TABLE: Readonly<Record<number, LengthOf>> = {
  255: fixed(1, 0), // ROOT_UNKNOWN
  1: fixed(2, 0), // ROOT_JNI_GLOBAL
  2: fixed(1, 2), // ROOT_JNI_LOCAL
  3: fixed(1, 2), // ROOT_JAVA_FRAME
  4: fixed(1, 1), // ROOT_NATIVE_STACK
  5: fixed(1, 0), // ROOT_STICKY_CLASS
  6: fixed(1, 1), // ROOT_THREAD_BLOCK
  7: fixed(1, 0), // ROOT_MONITOR_USED
  8: fixed(1, 2), // ROOT_THREAD_OBJ
  [SUB.CLASS_DUMP]: classDump,
  [SUB.INSTANCE_DUMP]: instance,
  [SUB.OBJ_ARRAY_DUMP]: objectArray,
  [SUB.PRIM_ARRAY_DUMP]: primitiveArray,
  // Records of Android (art/runtime/hprof/hprof.cc).
  137: fixed(1, 0), // ROOT_INTERNED_STRING
  138: fixed(1, 0), // ROOT_FINALIZING
  139: fixed(1, 0), // ROOT_DEBUGGER
  140: fixed(1, 0), // ROOT_REFERENCE_CLEANUP
  141: fixed(1, 0), // ROOT_VM_INTERNAL
  142: fixed(1, 2), // ROOT_JNI_MONITOR
  144: fixed(1, 0), // UNREACHABLE
  [SUB.PRIM_ARRAY_NODATA]: (file) => 10 + file.header.idSize,
  254: fixed(1, 1), // HEAP_DUMP_INFO
};

const LENGTHS: readonly (LengthOf | undefined)[] = Array.from({ length: 256 }, (_, tag) => TABLE[tag]);

/** Length in bytes of the sub-record at an offset, its tag included; -1 if it is invalid. */
export function subRecordLength(file: HprofFile, tag: number, offset: number): number {
  return LENGTHS[tag]?.(file, offset) ?? -1;
}

/** Type number of a reference; {@link BASIC} has the others (hprof_b_spec.h). */
export const OBJECT = 2;

const BASIC: Readonly<Record<number, { name: string; size: number }>> = {
  4: { name: 'boolean', size: 1 },
  5: { name: 'char', size: 2 },
  6: { name: 'float', size: 4 },
  7: { name: 'double', size: 8 },
  8: { name: 'byte', size: 1 },
  9: { name: 'short', size: 2 },
  10: { name: 'int', size: 4 },
  11: { name: 'long', size: 8 },
};

const SIZES = Uint8Array.from({ length: 256 }, (_, type) => BASIC[type]?.size ?? 0);

/** Size of a value in bytes; 0 for an unknown type. */
export function sizeOfType(type: number, idSize: number): number {
  return type === OBJECT ? idSize : SIZES[type]!;
}

export function nameOfType(type: number): string {
  return BASIC[type]?.name ?? 'object';
}
