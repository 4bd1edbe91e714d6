import { lenient, openStorage, type Storage } from '../../../core/base/bytes/storage.js';
import { finish } from '../../../core/base/runtime/turns.js';
import { HprofFile, type HprofHeader } from '../records/file.js';
import { IdTable, type SharedIds } from './id-table.js';
import { type FieldColumns, FieldTable } from './layouts.js';
import type { HeapPart } from './object-index.js';
import { type ReferenceColumns, ReversePass } from './reverse-pass.js';
import { walkObjects } from './walk-objects.js';

/** A part of the heap whose references to targets are wanted. */
export interface PassTask {
  part: HeapPart;
  targets: SharedIds;
  fields: FieldColumns;
}

/** A task with the file that it reads. */
interface StoredTask extends PassTask {
  storage: Storage;
  header: HprofHeader;
}

/** References in a part of a heap dump, as a job of the pool. A read that fails was reported by the sweep. */
export const job = ({ storage, header, ...task }: StoredTask): ReferenceColumns =>
  referencesIn(new HprofFile(lenient(openStorage(storage)), header), task);

/** Walks a part of the heap at once. */
export function referencesIn(file: HprofFile, { part, targets, fields }: PassTask): ReferenceColumns {
  const table = new FieldTable(fields, file.header.idSize === 8);
  const pass = new ReversePass(file, IdTable.open(targets), table);
  finish(walkObjects(file, part.from, part.until, pass));
  return pass.hits.columns();
}
