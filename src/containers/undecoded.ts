import type { FieldReader } from '../base/bytes/field-reader.js';
import { type ContainerRow, starts, text } from './decoding/container.js';
import { magicAfterSkippable } from './decoding/skippable.js';

/**
 * .lzma has no magic: properties, a dictionary of 2^n or 3 * 2^n
 * bytes, and a length or -1 (LZMA SDK, lzma-file-format.txt).
 */
function isLzma(head: FieldReader): boolean {
  const dictionary = head.u32(1);
  const top = dictionary / 2 ** Math.max(0, 31 - Math.clz32(dictionary));
  const length = head.u64(5);
  const known = length < 2n ** 38n && length > 0n;
  return (
    head.u8(0) === 0x5d &&
    dictionary >= 4096 &&
    (top === 1 || top === 1.5) &&
    head.u8(13) === 0 &&
    (known || length === 2n ** 64n - 1n)
  );
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
  packed('lz4', pipe('lz4 -dc'), (head, reader) => magicAfterSkippable(head, reader) === 0x184d2204),
  packed('lz4-legacy', pipe('lz4 -dc'), (head) => head.u32(0) === 0x184c2102),
  packed('zstd-legacy', pipe('zstd -dc'), (head) => head.u32(0) >= 0xfd2fb522 && head.u32(0) <= 0xfd2fb527),
  packed('xz', pipe('xz -dc'), starts('\xfd7zXZ\0')),
  packed(
    'bzip2',
    pipe('bzip2 -dc'),
    (head) =>
      starts('BZh')(head) &&
      head.u8(3) >= 0x31 &&
      head.u8(3) <= 0x39 &&
      ['314159265359', '177245385090'].includes(Buffer.from(head.slice(4, 6)).toString('hex')),
  ),
  packed('lzip', pipe('lzip -dc'), (head) => starts('LZIP')(head) && head.u8(4) <= 1),
  packed('lzop', pipe('lzop -dc'), starts('\x89LZO\0\r\n\x1a\n')),
  packed('snappy', pipe('snzip -dc'), starts('\xff\x06\0\0sNaPpY')),
  packed('7z', pipe('7z x -so'), starts("7z\xbc\xaf'\x1c")),
  packed('cab', pipe('cabextract -p'), (head) => starts('MSCF\0\0\0\0')(head) && head.u8(25) === 1),
  packed('rar', pipe('unrar p -inul'), (head) => starts('Rar!\x1a\x07')(head) && head.u8(6) <= 1),
  // A Debian package is an ar archive of compressed tar archives, so it is not plain.
  packed('deb', 'dpkg-deb --fsys-tarfile FILE | dumpsieve scan -', starts('!<arch>\ndebian-binary')),
  packed('compress', pipe('gzip -dc'), (head) => head.u16(0) === 0x9d1f && (head.u8(2) & 0x60) === 0),
  packed('lzma', pipe('xz -dc'), isLzma),
  packed('xar', 'xar -xf FILE, and scan the folder', starts('xar!\0\x1c')),
  packed('squashfs', 'unsquashfs FILE, and scan the folder', starts('hsqs')),
  packed('qcow2', 'qemu-img convert -O raw FILE RAW, and scan that', starts('QFI\xfb\0\0\0')),
  plain('cpio', 'cpio -i < FILE, and scan the folder', isCpio),
  plain('ar', 'ar x FILE, and scan the folder', starts('!<arch>\n')),
];
