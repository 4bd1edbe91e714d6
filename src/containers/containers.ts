import { FieldReader, OutOfBounds } from '../base/bytes/field-reader.js';
import type { Reader } from '../base/bytes/storage.js';
import { bzip2 } from './bzip2/container.js';
import { type Container, type ContainerRow, HEAD } from './decoding/container.js';
import type { Decoder } from './decoding/decoder.js';
import { gzip } from './gzip/container.js';
import { lz4, lz4Legacy } from './lz4/container.js';
import { lzip, lzma, xz } from './lzma/container.js';
import { microdump } from './microdump/container.js';
import { tar } from './tar/container.js';
import { UNDECODED } from './undecoded.js';
import { zstd } from './zstd/container.js';

/** In the order of probing. */
const CONTAINERS: readonly ContainerRow[] = [
  gzip,
  zstd,
  xz,
  lz4,
  lz4Legacy,
  bzip2,
  lzip,
  microdump,
  ...UNDECODED,
  lzma,
  tar,
];

/** Endings of names of containers, lower case, and what takes their place in the name of the content. */
export const contentSuffixes: ReadonlyMap<string, string> = new Map(
  CONTAINERS.flatMap(({ suffixes = {} }) => Object.entries(suffixes)),
);

/** The decoder of a container, by its name. */
export function decoderOf(name: string): Decoder {
  for (const row of CONTAINERS)
    if (row.name === name && 'decode' in row.treatment) return row.treatment.decode;
  throw new Error(`no decoder: ${name}`);
}

/** Recognises a container by its stored bytes. */
export function recognise(reader: Reader): Container | undefined {
  const buffer = Buffer.alloc(HEAD);
  const head = new FieldReader(buffer.subarray(0, reader.read(0, buffer)), 'le');
  return CONTAINERS.find((row) => {
    try {
      return row.probe(head, reader);
    } catch (error) {
      if (error instanceof OutOfBounds) return false;
      throw error;
    }
  });
}
