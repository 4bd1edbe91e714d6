import type { Extent } from '../../model/report.js';
import type { HeapArray } from '../memory/types.js';
import type { HprofFile } from './file.js';
import { SUB } from './subrecords.js';
import { sizeOfType } from './types.js';

/** How far before and behind the extent's first byte an array's first element may lie. */
const BEFORE = 24;
const AFTER = 8;
/** Types of elements that numbers are kept in: byte, int, long. */
const INTEGERS: readonly number[] = [8, 10, 11];

/**
 * The elements of the primitive array that an extent lies in, where they begin near it: by the head that
 * stands before them, PRIM_ARRAY_DUMP {id, stack u4, count u4, type u1}, so that nothing need be walked. What
 * only looks like a head is an array of no interest. The extent may reach 8 bytes beyond the array: whoever
 * found it counted in words.
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
