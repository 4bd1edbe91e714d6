import { FieldReader, OutOfBounds } from '../base/bytes/field-reader.js';
import type { Reader } from '../base/bytes/storage.js';
import type { Decoder } from './decoder.js';
import { gunzip } from './gzip.js';
import { isMicrodump, readMicrodump } from './microdump.js';
import { unzstd } from './zstd.js';

/** How the content of a container is reached. */
type Treatment =
  /** Decoded here. */
  | { decode: Decoder }
  /**
   * No decoder: the command that unpacks it. `plain`: its members are stored unencoded, but may be
   * containers. `stream`: the command that writes its content, if it has but one file.
   */
  | { unpack: string; plain?: true; stream?: string };

export interface Container {
  /** As the report names it. */
  name: string;
  treatment: Treatment;
}

interface Entry extends Container {
  /** Recognises the container by the head of the file; a read beyond the end of the head means no. */
  probe(head: FieldReader, reader: Reader): boolean;
}

/** Bytes of the head. */
const HEAD = 1024;

const text = (head: FieldReader, at: number, length: number): string =>
  Buffer.from(head.slice(at, length)).toString('latin1');
const starts =
  (magic: string) =>
  (head: FieldReader): boolean =>
    text(head, 0, magic.length) === magic;

const SKIPPABLE = 0x184d2a50;
/** Upper bound on skippable frames at the start of a file that are skipped to find the first other one. */
const SKIPPABLE_FRAMES = 1024;

/** Magic number after skippable frames, which zstd (RFC 8878, section 3.1.2) and lz4 have in common. */
function magicAfterSkippable(head: FieldReader, reader: Reader): number {
  let magic = head.u32(0);
  let at = 0;
  const next = Buffer.alloc(8);
  for (let frames = 0; (magic & 0xfffffff0) === SKIPPABLE && frames < SKIPPABLE_FRAMES; frames++) {
    if (reader.read(at, next) < 8) break;
    at += 8 + next.readUInt32LE(4);
    if (reader.read(at, next) < 4) break;
    magic = next.readUInt32LE(0);
  }
  return magic;
}

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

/** ustar and GNU tar, by magic and header checksum (POSIX.1-2017, pax, "ustar Interchange Format"). */
function isTar(head: FieldReader): boolean {
  if (text(head, 257, 5) !== 'ustar') return false;
  const header = head.slice(0, 512);
  const stored = Number.parseInt(text(head, 148, 8), 8);
  // The checksum's own field counts as spaces.
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0) === stored;
}

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

const pipe = (command: string): string => `${command} FILE | dumpsieve scan -`;

const packed = (name: string, unpack: string, probe: Entry['probe']): Entry => ({
  name,
  treatment: { unpack },
  probe,
});
/** Of one file. */
const compressed = (name: string, stream: string, probe: Entry['probe']): Entry => ({
  name,
  treatment: { unpack: pipe(stream), stream },
  probe,
});
const plain = (name: string, unpack: string, probe: Entry['probe']): Entry => ({
  name,
  treatment: { unpack, plain: true },
  probe,
});

/** In the order of probing; magic numbers are from the specifications. */
const CONTAINERS: Entry[] = [
  {
    name: 'gzip',
    treatment: { decode: gunzip },
    // Magic, deflate, no reserved flag (RFC 1952, section 2.3.1).
    probe: (head) => head.u16(0) === 0x8b1f && head.u8(2) === 8 && (head.u8(3) & 0xe0) === 0,
  },
  compressed('lz4', 'lz4 -dc', (head, reader) => magicAfterSkippable(head, reader) === 0x184d2204),
  {
    name: 'zstd',
    treatment: { decode: unzstd },
    probe: (head, reader) => {
      const magic = magicAfterSkippable(head, reader);
      return magic === 0xfd2fb528 || ((magic & 0xfffffff0) === SKIPPABLE && head.length >= 8);
    },
  },
  compressed('lz4-legacy', 'lz4 -dc', (head) => head.u32(0) === 0x184c2102),
  compressed('zstd-legacy', 'zstd -dc', (head) => head.u32(0) >= 0xfd2fb522 && head.u32(0) <= 0xfd2fb527),
  compressed('xz', 'xz -dc', starts('\xfd7zXZ\0')),
  compressed(
    'bzip2',
    'bzip2 -dc',
    (head) =>
      starts('BZh')(head) &&
      head.u8(3) >= 0x31 &&
      head.u8(3) <= 0x39 &&
      ['314159265359', '177245385090'].includes(Buffer.from(head.slice(4, 6)).toString('hex')),
  ),
  compressed('lzip', 'lzip -dc', (head) => starts('LZIP')(head) && head.u8(4) <= 1),
  compressed('lzop', 'lzop -dc', starts('\x89LZO\0\r\n\x1a\n')),
  compressed('snappy', 'snzip -dc', starts('\xff\x06\0\0sNaPpY')),
  packed('zip', pipe('unzip -p'), isZip),
  packed('7z', pipe('7z x -so'), starts("7z\xbc\xaf'\x1c")),
  packed('cab', pipe('cabextract -p'), (head) => starts('MSCF\0\0\0\0')(head) && head.u8(25) === 1),
  packed('rar', pipe('unrar p -inul'), (head) => starts('Rar!\x1a\x07')(head) && head.u8(6) <= 1),
  // A Debian package is an ar archive of compressed tar archives, so it is not plain.
  packed('deb', 'dpkg-deb --fsys-tarfile FILE | dumpsieve scan -', starts('!<arch>\ndebian-binary')),
  {
    name: 'breakpad-microdump',
    treatment: { decode: readMicrodump },
    probe: (_head, reader) => isMicrodump(reader),
  },
  compressed('compress', 'gzip -dc', (head) => head.u16(0) === 0x9d1f && (head.u8(2) & 0x60) === 0),
  compressed('lzma', 'xz -dc', isLzma),
  packed('xar', 'xar -xf FILE, and scan the folder', starts('xar!\0\x1c')),
  packed('squashfs', 'unsquashfs FILE, and scan the folder', starts('hsqs')),
  packed('qcow2', 'qemu-img convert -O raw FILE RAW, and scan that', starts('QFI\xfb\0\0\0')),
  plain('cpio', 'cpio -i < FILE, and scan the folder', isCpio),
  plain('ar', 'ar x FILE, and scan the folder', starts('!<arch>\n')),
  plain('tar', 'tar -xf FILE, and scan the folder', isTar),
];

/** The decoder of a container, by its name. */
export function decoderOf(name: string): Decoder {
  for (const entry of CONTAINERS) {
    if (entry.name === name && 'decode' in entry.treatment) return entry.treatment.decode;
  }
  throw new Error(`no decoder: ${name}`);
}

/** Recognises a container by its stored bytes. */
export function recognise(reader: Reader): Container | undefined {
  const buffer = Buffer.alloc(HEAD);
  const head = new FieldReader(buffer.subarray(0, reader.read(0, buffer)), 'le');
  return CONTAINERS.find((entry) => {
    try {
      return entry.probe(head, reader);
    } catch (error) {
      if (error instanceof OutOfBounds) return false;
      throw error;
    }
  });
}
