import type { HprofFile, Id } from '../../formats/hprof/records/file.js';
import { type HprofRecord, TAG } from '../../formats/hprof/records/records.js';

/** Records that only numbers and identifiers make up (hprof_b_spec.h). */
interface RecordFields {
  /** Bytes of the body that the format describes; what follows them is unknown. */
  length(file: HprofFile, body: number): number;
  /** Offsets in the body of identifiers of names. */
  names?(idSize: number): number[];
  /** Offset of the identifier of a file's name. */
  fileName?(idSize: number): number;
}

/** `ids` identifiers and `bytes` bytes of numbers. */
const fixed =
  (ids: number, bytes: number): RecordFields['length'] =>
  ({ header }) =>
    ids * header.idSize + bytes;

/** A body of `head` bytes, whose last four are a count, and as many rows. */
const list =
  (head: number, row: (idSize: number) => number): RecordFields['length'] =>
  (file, body) =>
    file.has(body, head) ? head + row(file.header.idSize) * file.u32(body + head - 4) : 0;

const FIELDS: Readonly<Record<number, RecordFields>> = {
  [TAG.UTF8]: { length: fixed(1, 0) },
  // Serial u4, class id, stack u4, name id.
  [TAG.LOAD_CLASS]: { length: fixed(2, 8), names: (idSize) => [8 + idSize] },
  // HPROF_UNLOAD_CLASS: serial u4.
  3: { length: fixed(0, 4) },
  // HPROF_FRAME: id, method's name, signature, source file, class serial u4, line u4.
  4: {
    length: fixed(4, 8),
    names: (idSize) => [idSize, 2 * idSize, 3 * idSize],
    fileName: (idSize) => 3 * idSize,
  },
  // HPROF_TRACE: serial u4, thread u4, count u4, frame ids.
  5: { length: list(12, (idSize) => idSize) },
  // HPROF_ALLOC_SITES: flags u2, ratio u4, four totals (24 bytes), count u4, rows of u1 and six u4.
  6: { length: list(34, () => 25) },
  // HPROF_HEAP_SUMMARY: two u4, two u8.
  7: { length: fixed(0, 24) },
  // Serial u4, object id, stack u4, ids of the names of the thread, its group and that group's parent.
  [TAG.START_THREAD]: {
    length: fixed(4, 8),
    names: (idSize) => [8 + idSize, 8 + 2 * idSize, 8 + 3 * idSize],
  },
  // HPROF_END_THREAD: serial u4.
  11: { length: fixed(0, 4) },
  // HPROF_CPU_SAMPLES: total u4, count u4, rows of two u4.
  13: { length: list(8, () => 8) },
  // HPROF_CONTROL_SETTINGS: flags u4, depth u2.
  14: { length: fixed(0, 6) },
};

/** End of what the format describes of a record. Heap dumps have sub-records instead. */
export function endOfFields(file: HprofFile, { tag, body, end }: HprofRecord): number {
  return Math.min(end, body + (FIELDS[tag]?.length(file, body) ?? 0));
}

/** Visits the names that a record refers to; `isFile`: names of source files. */
export function eachName(
  file: HprofFile,
  { tag, body, end }: HprofRecord,
  visit: (id: Id, isFile: boolean) => void,
): void {
  const fields = FIELDS[tag];
  const { idSize } = file.header;
  if (fields?.names === undefined) return;
  const fileName = fields.fileName?.(idSize);
  for (const at of fields.names(idSize))
    if (body + at + idSize <= end && file.has(body + at, idSize)) visit(file.id(body + at), at === fileName);
}
