import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { readAt } from './decoding/archive-reads.js';
import { type ContainerRow, isBinary, SKIPPABLE_FIRST, starts, text } from './decoding/container.js';
import { isSkippable } from './decoding/skippable.js';

/** The magic of a stream or that of its first block is damaged. */
const isDamagedBzip2 = (head: FieldReader): boolean =>
  /^BZ..1AY&SY/s.test(text(head, 0, 10)) || (starts('BZh')(head) && isBinary(head, 3, 64));

const isLha = (head: FieldReader): boolean =>
  head.length >= 7 && head.u8(2) === 0x2d && /^-(?:lh[0-9dx]|lz[45s]|pm[0-2])-$/.test(text(head, 2, 5));

/** A superblock (ext4 documentation, "The Super Block"): magic, block size, and revision. */
function isExt4(_head: FieldReader, reader: ByteReader): boolean {
  if (reader.length < 1024 + 80) return false;
  const block = readAt(reader, 1024, 80);
  return (
    block.length === 80 &&
    block.readUInt16LE(0x38) === 0xef53 &&
    block.readUInt32LE(0x18) <= 6 &&
    block.readUInt32LE(0x4c) <= 1
  );
}

/** Incompatible flags of journals with fields in xz, lz4 or zstd (systemd, journal-def.h). */
const COMPRESSED = 1 | 2 | 8;

/** A journal whose long fields are compressed. Messages and fields of cores are among them. */
const isCompressedJournal = (head: FieldReader): boolean =>
  starts('LPKSHHRH')(head) && (head.u32(12) & COMPRESSED) !== 0;

/** Probes for a magic at an offset; a negative one counts from the end. */
const startsAt =
  (at: number, magic: string): ContainerRow['probe'] =>
  (_head, reader) => {
    const offset = at < 0 ? reader.length + at : at;
    if (offset < 0 || offset + magic.length > reader.length) return false;
    return readAt(reader, offset, magic.length).toString('latin1') === magic;
  };

/** `first`: as in {@link ContainerRow}. */
const row = (name: string, unpack: string, probe: ContainerRow['probe'], first?: string): ContainerRow => ({
  name,
  treatment: { unpack },
  probe,
  ...(first === undefined ? {} : { first }),
});
/** A row of a container that begins with a magic. */
const magic = (name: string, unpack: string, text: string): ContainerRow =>
  row(name, unpack, starts(text), text[0]);
const pipe = (command: string): string => `${command} FILE | dumpsieve scan -`;
/** A row of a file whose content a command writes. */
const stream = (
  name: string,
  command: string,
  probe: ContainerRow['probe'],
  first: string,
): ContainerRow => ({
  ...row(name, pipe(command), probe, first),
  stream: command,
});
const toFolder = (command: string): string => `${command}, and scan the folder`;
const TO_RAW = 'qemu-img convert -O raw FILE RAW, and scan that';
const DAMAGED = 'the file is damaged or of an unknown version: get a good copy';

/** Containers without a decoder that are also looked for behind other bytes. */
export const UNDECODED_BEHIND: readonly ContainerRow[] = [
  stream('lzop', 'lzop -dc', starts('\x89LZO\0\r\n\x1a\n'), '\x89'),
  row('rar', pipe('unrar p -inul'), (head) => starts('Rar!\x1a\x07')(head) && head.u8(6) <= 1, 'R'),
  magic('rpm', toFolder('rpm2cpio FILE | cpio -id'), '\xed\xab\xee\xdb'),
  magic('xar', toFolder('xar -xf FILE'), 'xar!\0\x1c'),
  magic('wim', toFolder('wimapply FILE FOLDER'), 'MSWIM\0\0\0'),
  magic('squashfs', toFolder('unsquashfs FILE'), 'hsqs'),
  magic('gzip-unknown', DAMAGED, '\x1f\x8b\b'),
  row('bzip2-unknown', DAMAGED, isDamagedBzip2, 'B'),
];

/**
 * Containers without a decoder, and headers of some with one that it does not know; magic numbers are from
 * the specifications. In the order of probing.
 */
export const UNDECODED: readonly ContainerRow[] = [
  ...UNDECODED_BEHIND,
  stream(
    'zstd-legacy',
    'zstd -dc',
    (head) => head.u32(0) >= 0xfd2fb522 && head.u32(0) <= 0xfd2fb527,
    '"#$%&\'',
  ),
  stream('snappy', 'snzip -dc', starts('\xff\x06\0\0sNaPpY'), '\xff'),
  stream('brotli-framed', 'brotli -dc', starts('\xce\xb2\xcf\x81'), '\xce'),
  row('lha', toFolder('lha x FILE'), isLha),
  stream('compress', 'gzip -dc', (head) => head.u16(0) === 0x9d1f && (head.u8(2) & 0x60) === 0, '\x1f'),
  row('qcow2', TO_RAW, (head) => starts('QFI\xfb\0\0\0')(head) && head.u8(7) <= 3, 'Q'),
  row('vmdk', TO_RAW, (head) => starts('KDMV')(head) || starts('COWD')(head), 'KC'),
  magic('vhdx', TO_RAW, 'vhdxfile'),
  magic('vhd', TO_RAW, 'conectix'),
  row('vdi', TO_RAW, startsAt(64, '\x7f\x10\xda\xbe')),
  row('dmg', toFolder('7z x FILE'), startsAt(-512, 'koly')),
  row('ext4', 'mount it read-only, and scan the folder', isExt4),
  stream('systemd-journal', 'journalctl -o export --file', isCompressedJournal, 'L'),
  magic('gzip-unknown', DAMAGED, '\x1f\x8b'),
  row('cab-unknown', DAMAGED, (head) => starts('MSCF')(head) && isBinary(head, 4, 32), 'M'),
  row('skippable-frames', DAMAGED, (head) => isSkippable(head.u32(0)) && head.length >= 8, SKIPPABLE_FIRST),
];
