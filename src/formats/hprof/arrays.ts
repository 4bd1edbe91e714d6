import type { Extent } from '../../model/report.js';
import type { HeapArray } from '../memory/types.js';
import type { HprofFile } from './file.js';
import { SUB } from './subrecords.js';
import { sizeOfType } from './types.js';

/** Bytes before and after the start of the extent in which an array may begin. */
const BEFORE = 24;
const AFTER = 8;
/** Element types of big integers: byte, int, long. */
const INTEGERS: readonly number[] = [8, 10, 11];

/**
 * The primitive array that contains an extent and begins near its start. It is recognised by what precedes
 * its elements, HPROF_GC_PRIM_ARRAY_DUMP {id, stack u4, count u4, type u1}, without a walk over the records;
 * the result can be a false positive. The extent may exceed the array by 8 bytes, since runs are measured in
 * words.
 */
export function arrayAround(file: HprofFile, { offset, length }: Extent): HeapArray | undefined {
  const head = 10 + file.header.idSize;
  const last = Math.min(offset + AFTER, file.length);
  const first = Math.max(offset - BEFORE, head);
  if (first > last || !file.has(first - head, last - first + head)) return undefined;
  for (let start = last; start >= first; start--) {
    const type = file.u8(start - 1);
    if (file.u8(start - head) !== SUB.PRIM_ARRAY_DUMP || !INTEGERS.includes(type)) continue;
    const elementSize = sizeOfType(type, 4);
    const size = elementSize * file.u32(start - 5);
    const end = start + size;
    if (end <= file.length && end + 8 >= offset + length) return { offset: start, length: size, elementSize };
  }
  return undefined;
}
