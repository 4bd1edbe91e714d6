import { FieldReader, OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { sliceReader } from '../../core/base/bytes/parts.js';
import { type ByteReader, bufferReader } from '../../core/base/bytes/storage.js';
import { readAt } from './decoding/archive-reads.js';
import {
  type Container,
  type ContainerRow,
  decodedLater,
  HEAD,
  isBinary,
  SKIPPABLE_FIRST,
  starts,
  text,
} from './decoding/container.js';
import type { ContainerDecoder, WholeDecoder } from './decoding/decoder.js';
import type { Lister } from './decoding/member.js';
import { isSkippable } from './decoding/skippable.js';
import { afterPadding, afterProgram } from './prefixed/after-program.js';
import {
  apport,
  ar,
  bzip2,
  cab,
  cpio,
  gzip,
  lz4,
  lz4Legacy,
  lzip,
  lzma,
  microdump,
  sevenZip,
  tar,
  xz,
  zip,
  zipWithin,
  zlib,
  zstd,
} from './rows.js';

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
function* afterLine(head: FieldReader, reader: ByteReader): Generator<number> {
  if (!isScript(head)) return;
  const script = readAt(reader, 0, MOST);
  const nul = script.indexOf(0);
  const end = nul < 0 ? script.length : nul;
  for (const magic of APPENDED) {
    const at = script.indexOf(magic);
    if (at >= 0 && at < end) yield at + 1;
  }
}

/** Recognises a container by its stored bytes. */
type Recognise = (reader: ByteReader) => Container | undefined;

/** Where a container may begin behind other bytes, by what these are. At most 1 MiB of a file is read. */
const PLACES: readonly ((head: FieldReader, reader: ByteReader) => Iterable<number>)[] = [
  afterPadding,
  afterLine,
  afterProgram,
];

function startOf(head: FieldReader, reader: ByteReader, recognise: Recognise): number | undefined {
  for (const places of PLACES)
    for (const at of places(head, reader))
      if (recognise(sliceReader(reader, at, reader.length - at)) !== undefined) return at;
  return undefined;
}

/**
 * A container behind padding, a script or a program: it is the only member, and what is in front of it is
 * swept as it is. `recognise`: knows containers that have a magic of at least three bytes.
 */
function prefixed(recognise: Recognise): ContainerRow {
  const list: Lister = async function* (reader) {
    const head = new FieldReader(readAt(reader, 0, HEAD), 'le');
    const at = startOf(head, reader, recognise);
    if (at !== undefined) yield { name: REST, stored: { offset: at, length: reader.length - at } };
  };
  return {
    name: 'prefixed',
    treatment: { list },
    probe: (head, reader) => startOf(head, reader, recognise) !== undefined,
  };
}

const REST = Buffer.from('rest');

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
const UNDECODED_BEHIND: readonly ContainerRow[] = [
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
const UNDECODED: readonly ContainerRow[] = [
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

/** Containers that are also looked for behind other bytes: four bytes of magic, or checks beside it. */
const BEHIND: readonly ContainerRow[] = [
  ...[gzip, zstd, xz, lz4, lz4Legacy, bzip2, lzip, zip, sevenZip, cab, apport, cpio, ar, tar],
  ...UNDECODED_BEHIND,
];

/** Containers in the order of probing. */
const CONTAINERS: readonly ContainerRow[] = [
  gzip,
  zstd,
  xz,
  lz4,
  lz4Legacy,
  bzip2,
  lzip,
  zip,
  sevenZip,
  cab,
  microdump,
  ...UNDECODED,
  zlib,
  lzma,
  apport,
  cpio,
  ar,
  tar,
  zipWithin,
  prefixed((reader) => recogniseAmong(rowsBehind, reader)),
];

/** Endings of names of containers, lower case, and what takes their place in the name of the content. */
export const contentSuffixes: ReadonlyMap<string, string> = new Map(
  CONTAINERS.flatMap(({ suffixes = {} }) => Object.entries(suffixes)),
);

interface Codec {
  decode: ContainerDecoder;
  /** Loads its decoder of short data, if it has one. */
  loadWhole?: () => Promise<WholeDecoder>;
}

/** Names of containers, as reports have them. */
export const CONTAINER_NAMES: readonly string[] = [...new Set(CONTAINERS.map(({ name }) => name))];

/** Codecs of members that no file begins with, by name. */
const CODECS: Readonly<Record<string, Codec>> = {
  deflate: {
    ...decodedLater(async () => (await import('./deflate/deflate.js')).inflate),
    loadWhole: async () => (await import('./deflate/deflate.js')).inflateWhole,
  },
  'base64-lines': decodedLater(async () => (await import('./apport/base64-lines.js')).decodeBase64Lines),
};

/** A container by its name; undefined for the name of anything else. */
export const containerNamed = (name: string): Container | undefined =>
  CONTAINERS.find((row) => row.name === name);

/** The decoder of a container or codec, by its name; undefined if it has none. */
export function decoderOf(name: string): ContainerDecoder | undefined {
  const treatment = containerNamed(name)?.treatment;
  return treatment && 'decode' in treatment ? treatment.decode : CODECS[name]?.decode;
}

/** Decoders that were loaded: an archive has many short members. */
const wholeDecoders = new Map<string, WholeDecoder>();

/** The decoder of short data of a codec, by its name; undefined if it has none. */
export async function wholeDecoderOf(name: string): Promise<WholeDecoder | undefined> {
  const known = wholeDecoders.get(name);
  if (known !== undefined) return known;
  const loaded = await CODECS[name]?.loadWhole?.();
  if (loaded !== undefined) wholeDecoders.set(name, loaded);
  return loaded;
}

/** The rows that may begin with a byte, by that byte; made at the first look. */
type RowsByFirst = (first: number) => readonly ContainerRow[];

function byFirst(all: readonly ContainerRow[]): RowsByFirst {
  const known: ContainerRow[][] = [];
  return (first) => {
    known[first] ??= all.filter((row) => row.first?.includes(String.fromCharCode(first)) ?? true);
    return known[first];
  };
}

const rowsOf = byFirst(CONTAINERS);
const rowsBehind = byFirst(BEHIND);

/** Recognises a container by its stored bytes. */
export const recognise = (reader: ByteReader): Container | undefined => recogniseAmong(rowsOf, reader);

function recogniseAmong(rows: RowsByFirst, reader: ByteReader): Container | undefined {
  const buffer = Buffer.alloc(Math.min(HEAD, reader.length));
  const bytes = buffer.subarray(0, reader.read(0, buffer));
  if (bytes.length === 0) return undefined;
  const head = new FieldReader(bytes, 'le');
  // Probes of short content need no further read.
  const all = bytes.length === reader.length ? bufferReader(bytes) : reader;
  for (const row of rows(bytes[0]!))
    try {
      if (row.probe(head, all)) return row;
    } catch (error) {
      if (!(error instanceof OutOfBounds)) throw error;
    }
  return undefined;
}
