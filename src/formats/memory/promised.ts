import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Unread } from '../../core/model/report.js';

/** What a dump lacks if its headers say that `what` ends at `end`: nothing, or the bytes behind its end. */
export function lackingUpTo(end: bigint | number, { length }: ByteReader, what: string): Unread[] {
  if (end <= length) return [];
  const known = Number(end) <= Number.MAX_SAFE_INTEGER;
  const lacking = known ? Number(end) - length : null;
  return [{ offset: length, length: lacking, reason: `the file is cut: ${what} should end at byte ${end}` }];
}
