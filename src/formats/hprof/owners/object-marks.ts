import type { Mark } from '../../../sweep/marks.js';
import { readBytes } from '../../memory/read.js';
import type { HprofFile } from '../records/file.js';
import { SUB } from '../records/subrecords.js';
import type { IdTable } from './id-table.js';

/** Classes: the sweep searches for each, and a walk over all objects costs as much as ten of them. */
const MOST = 8;
/** Places that are read to learn which bytes are rare, and bytes of each. */
const SAMPLES = { places: 32, bytes: 4096 };
/** Share of a byte in the file with which a search from it is as slow as a walk. */
const FREQUENT = 1 / 64;
/** The low half of an identifier; its last byte alone is a multiple of 8. */
const LOW = { first: -4, last: -2 };

/**
 * What is at the head of each instance of these classes, HPROF_GC_INSTANCE_DUMP {tag u1, id, stack u4, class
 * id}: the tag and the class. Undefined if a search for that takes longer than a walk over the objects.
 */
export function objectMarks(file: HprofFile, classIds: IdTable): Mark[] | undefined {
  if (classIds.count === 0 || classIds.count > MOST) return undefined;
  const { idSize } = file.header;
  const shareOf = sharesOfBytes(file);
  const marks: Mark[] = [];
  for (let index = 0; index < classIds.count; index++) {
    const whole = Buffer.alloc(8);
    whole.writeUInt32BE(classIds.high[index]!, 0);
    whole.writeUInt32BE(classIds.low[index]!, 4);
    const bytes = Uint8Array.from(whole.subarray(8 - idSize));
    let rare = idSize + LOW.first;
    for (let at = rare; at <= idSize + LOW.last; at++)
      if (shareOf(bytes[at]!) < shareOf(bytes[rare]!)) rare = at;
    if (shareOf(bytes[rare]!) > FREQUENT) return undefined;
    marks.push({ bytes, rare, behind: { byte: SUB.INSTANCE_DUMP, distance: 5 + idSize } });
  }
  return marks;
}

/** Share of each byte in samples of the file. */
function sharesOfBytes(file: HprofFile): (byte: number) => number {
  const counts = new Uint32Array(256);
  const step = Math.max(SAMPLES.bytes, Math.floor(file.length / SAMPLES.places));
  let all = 0;
  for (let at = 0; at < file.length; at += step)
    for (const byte of readBytes(file.reader, at, Math.min(SAMPLES.bytes, file.length - at))) {
      counts[byte]!++;
      all++;
    }
  return (byte) => counts[byte]! / all;
}
