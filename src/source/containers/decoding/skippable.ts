import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';

/** Magic number of a skippable frame (RFC 8878, section 3.1.2; lz4 has it too), but for its low four bits. */
export const SKIPPABLE = 0x184d2a50;
/** Upper bound on skippable frames at the start of a file that are skipped to find the first other one. */
const SKIPPABLE_FRAMES = 1024;

/** True for the magic number of a skippable frame. */
export const isSkippable = (magic: number): boolean => (magic & 0xfffffff0) === SKIPPABLE;

/** The magic number after the skippable frames at the start; 0 if the bytes are too few. */
export function magicAfterSkippable(head: FieldReader, reader: ByteReader): number {
  if (head.length < 4) return 0;
  let magic = head.u32(0);
  let at = 0;
  const next = Buffer.alloc(8);
  for (let frames = 0; isSkippable(magic) && frames < SKIPPABLE_FRAMES; frames++) {
    if (reader.read(at, next) < 8) break;
    at += 8 + next.readUInt32LE(4);
    if (reader.read(at, next) < 4) break;
    magic = next.readUInt32LE(0);
  }
  return magic;
}
