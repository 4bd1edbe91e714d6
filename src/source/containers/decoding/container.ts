import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Secret } from '../../../core/base/crypto/secret.js';
import type { ContainerDecoder } from './decoder.js';
import type { Lister } from './member.js';

/** How the content of a container is reached. */
export type Treatment =
  /** It has one content, which is decoded. */
  | { decode: ContainerDecoder; withPassword?: (password: Secret) => ContainerDecoder }
  /** It has members. */
  | { list: Lister }
  /** Neither: what unpacks it. */
  | { unpack: string };

export interface Container {
  /** Name in the report. */
  name: string;
  treatment: Treatment;
  /** The command that writes its content, if it has but one file. */
  stream?: string;
}

/** A kind of container: a row of the table. */
export interface ContainerRow extends Container {
  /**
   * Endings of file names, lower case, and what takes their place in the name of the content: `core.zst`
   * contains `core`, `dump.tgz` contains `dump.tar`.
   */
  suffixes?: Readonly<Record<string, string>>;
  /** Bytes that it may begin with, as characters; absent: any. It spares each member most probes. */
  first?: string;
  /** Recognises the container by the head of the file; a read beyond the end of the head means no. */
  probe(head: FieldReader, reader: ByteReader): boolean;
}

/** Bytes of the head that probes read. */
export const HEAD = 1024;

/** Bytes of a head as characters. */
export const text = (head: FieldReader, at: number, length: number): string =>
  Buffer.from(head.slice(at, length)).toString('latin1');

/** True if some bytes of a head in [from, to) are no printable text. */
export const isBinary = (head: FieldReader, from: number, to: number): boolean =>
  /[^\t\n\r -~]/.test(text(head, from, Math.min(to, head.length) - from));

/** First bytes of skippable frames (skippable.ts): the low four bits of their magic number are free. */
export const SKIPPABLE_FIRST = 'PQRSTUVWXYZ[\\]^_';

/** Probes for a magic at the start. */
export const starts =
  (magic: string) =>
  (head: FieldReader): boolean => {
    if (head.length < magic.length) return false;
    for (let i = 0; i < magic.length; i++) if (head.u8(i) !== magic.charCodeAt(i)) return false;
    return true;
  };

/** A decoder whose module is loaded when it is needed. */
export function decodedLater(load: () => Promise<ContainerDecoder>): { decode: ContainerDecoder } {
  return {
    async *decode(input, report, buffer) {
      yield* (await load())(input, report, buffer);
    },
  };
}

/** A lister whose module is loaded when it is needed. */
export function listedLater(load: () => Promise<Lister>): { list: Lister } {
  return {
    async *list(reader, report) {
      yield* (await load())(reader, report);
    },
  };
}
