import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { type ContainerRow, listedLater } from '../decoding/container.js';
import { END_LENGTH, zipPlace } from './end-record.js';

/**
 * Local file header, or the end of an empty archive. The fields are checked too, besides the magic number.
 */
function startsAsZip(head: FieldReader): boolean {
  if (head.length < END_LENGTH) return false;
  const signature = head.u32(0);
  // End of central directory (an empty archive) and the
  // marker of a split archive: APPNOTE.TXT, 4.3.16 and 8.5.4.
  if (signature === 0x06054b50) return head.u16(8) === 0 && head.u16(10) === 0;
  const at = signature === 0x08074b50 ? 4 : 0;
  if (head.u32(at) !== 0x04034b50) return false;
  // Local file header, section 4.3.7: version needed, method and the name's length.
  const version = head.u16(at + 4) & 0xff;
  const nameLength = head.u16(at + 26);
  return version <= 63 && head.u16(at + 8) <= 99 && nameLength > 0 && nameLength <= 4096;
}

const treatment = listedLater(async () => (await import('./zip.js')).listZip);

export const zip: ContainerRow = { name: 'zip', treatment, probe: startsAsZip };

/** An archive between other bytes: after the rows of what it may be a member of, such as tar. */
export const zipWithin: ContainerRow = {
  name: 'zip',
  treatment,
  probe: (_head, reader) => zipPlace(reader) !== undefined,
};
