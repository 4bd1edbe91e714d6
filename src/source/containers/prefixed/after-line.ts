import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { starts } from '../decoding/container.js';

/** Bytes of a script in which its archive begins. */
const MOST = 1024 * 1024;

/** Levels of bzip2, and how its first block or its end begins. */
const BZIP2 = ['1AY&SY', '\x17rE8P\x90'].flatMap((block) =>
  Array.from({ length: 9 }, (_, i) => `BZh${i + 1}${block}`),
);

/**
 * First bytes of what makers of self-extracting scripts append, behind the script's last line end. They are
 * in no text but for the last, by which damaged bzip2 data is known: only its first place is looked at.
 */
const APPENDED = [
  '\x1f\x8b\x08',
  ...BZIP2,
  '\xfd7zXZ\0',
  '\x28\xb5\x2f\xfd',
  '\x04\x22\x4d\x18',
  "7z\xbc\xaf'\x1c",
  'BZh',
].map((magic) => Buffer.from(`\n${magic}`, 'latin1'));

const isScript = starts('#!');

/** The offsets behind line ends of a script where a magic is. In front of it is nothing but text. */
export function* afterLine(head: FieldReader, reader: ByteReader): Generator<number> {
  if (!isScript(head)) return;
  const script = readAt(reader, 0, MOST);
  const nul = script.indexOf(0);
  const end = nul < 0 ? script.length : nul;
  for (const magic of APPENDED) {
    const at = script.indexOf(magic);
    if (at >= 0 && at < end) yield at + 1;
  }
}
