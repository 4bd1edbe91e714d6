import { FieldReader, OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { type ByteReader, bufferReader } from '../../core/base/bytes/storage.js';
import { apport } from './apport/container.js';
import { ar } from './ar/container.js';
import { bzip2 } from './bzip2/container.js';
import { cpio } from './cpio/container.js';
import { type Container, type ContainerRow, decodedLater, HEAD } from './decoding/container.js';
import type { ContainerDecoder, WholeDecoder } from './decoding/decoder.js';
import { zlib } from './deflate/container.js';
import { gzip } from './gzip/container.js';
import { cab, sevenZip } from './libarchive/container.js';
import { lz4, lz4Legacy } from './lz4/container.js';
import { lzip, lzma, xz } from './lzma/container.js';
import { microdump } from './microdump/container.js';
import { prefixed } from './prefixed/container.js';
import { tar } from './tar/container.js';
import { UNDECODED, UNDECODED_BEHIND } from './undecoded.js';
import { zip, zipWithin } from './zip/container.js';
import { zstd } from './zstd/container.js';

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
