import type { FieldReader } from '../base/bytes/field-reader.js';
import { type ContainerRow, starts, text } from './decoding/container.js';

/**
 * Local file header, or the end of an empty archive. The fields are checked too, besides the magic number.
 */
function isZip(head: FieldReader): boolean {
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

/** ASCII headers of "newc", "crc" and "odc" (cpio(5)) consist of digits. */
function isCpio(head: FieldReader): boolean {
  const start = text(head, 0, 76);
  return /^07070[12][0-9A-Fa-f]{70}/.test(start) || /^070707[0-7]{70}/.test(start);
}

const packed = (name: string, unpack: string, probe: ContainerRow['probe']): ContainerRow => ({
  name,
  treatment: { unpack },
  probe,
});
const plain = (name: string, unpack: string, probe: ContainerRow['probe']): ContainerRow => ({
  name,
  treatment: { unpack, plain: true },
  probe,
});
const pipe = (command: string): string => `${command} FILE | dumpsieve scan -`;

/** Containers without a decoder; magic numbers are from the specifications. */
export const UNDECODED: readonly ContainerRow[] = [
  packed('zstd-legacy', pipe('zstd -dc'), (head) => head.u32(0) >= 0xfd2fb522 && head.u32(0) <= 0xfd2fb527),
  packed('lzop', pipe('lzop -dc'), starts('\x89LZO\0\r\n\x1a\n')),
  packed('snappy', pipe('snzip -dc'), starts('\xff\x06\0\0sNaPpY')),
  packed('zip', pipe('unzip -p'), isZip),
  packed('7z', pipe('7z x -so'), starts("7z\xbc\xaf'\x1c")),
  packed('cab', pipe('cabextract -p'), (head) => starts('MSCF\0\0\0\0')(head) && head.u8(25) === 1),
  packed('rar', pipe('unrar p -inul'), (head) => starts('Rar!\x1a\x07')(head) && head.u8(6) <= 1),
  // A Debian package is an ar archive of compressed tar archives, so it is not plain.
  packed('deb', 'dpkg-deb --fsys-tarfile FILE | dumpsieve scan -', starts('!<arch>\ndebian-binary')),
  packed('compress', pipe('gzip -dc'), (head) => head.u16(0) === 0x9d1f && (head.u8(2) & 0x60) === 0),
  packed('xar', 'xar -xf FILE, and scan the folder', starts('xar!\0\x1c')),
  packed('squashfs', 'unsquashfs FILE, and scan the folder', starts('hsqs')),
  packed('qcow2', 'qemu-img convert -O raw FILE RAW, and scan that', starts('QFI\xfb\0\0\0')),
  plain('cpio', 'cpio -i < FILE, and scan the folder', isCpio),
  plain('ar', 'ar x FILE, and scan the folder', starts('!<arch>\n')),
];
