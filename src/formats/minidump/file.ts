import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { defineWarnings, type Warning } from '../../core/base/runtime/warnings.js';
import type { Extent } from '../../core/model/report.js';
import { readBytes } from '../memory/read.js';
import { decodeText } from '../memory/text.js';

/** MINIDUMP_LOCATION_DESCRIPTOR: a size and a file offset (RVA). */
export interface StreamLocation {
  size: number;
  rva: number;
}

/** The longest structure or text read at once, in bytes. */
const MAX_READ = 16 * 1024 * 1024;
/** The longest name of a module or thread and the longest annotation, in bytes. */
const MAX_STRING = 1024 * 1024;
/** Budgets, in bytes, for all structures and all names of a file: many entries can refer to the same ones. */
const MAX_STRUCTURES = 256 * 1024 * 1024;
const MAX_NAMES = 8 * 1024 * 1024;

/** Structures of a minidump by RVA; all are little-endian. Those that exceed the file are truncated. */
export class MinidumpFile {
  readonly reader: ByteReader;
  readonly #structures = new ByteBudget(MAX_STRUCTURES);
  readonly #names = new ByteBudget(MAX_NAMES);

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  /** The part of a location that is in the file. */
  fields({ rva, size }: StreamLocation): FieldReader {
    const length = this.#structures.take(Math.min(size, MAX_READ, Math.max(0, this.reader.length - rva)));
    return new FieldReader(readBytes(this.reader, rva, length), 'le', rva);
  }

  /** A warning for each exhausted budget. */
  warnings(): Warning[] {
    const over = [
      ...(this.#structures.spent ? ['structures'] : []),
      ...(this.#names.spent ? ['names of modules, threads and annotations'] : []),
    ];
    return over.map((what) =>
      warnings.of('minidump-capped', {
        message: `the ${what} exceed the size that any minidump needs; the last of them were not read`,
        hint:
          'the minidump is damaged or hostile: its bytes were searched, ' +
          'but some places lack a name or an address',
        offset: 0,
      }),
    );
  }

  /** MINIDUMP_STRING: length in bytes, then UTF-16LE. */
  string(rva: number): string {
    const bytes = this.#counted(rva);
    return bytes === undefined ? '' : Buffer.from(bytes).toString('utf16le');
  }

  /** Crashpad's MinidumpUTF8String: length in bytes, then UTF-8. */
  utf8(rva: number): string {
    const bytes = this.#counted(rva);
    return bytes === undefined ? '' : decodeText(bytes);
  }

  /**
   * Extent of a string of either type or of a MinidumpByteArray, its length field included; empty if there is
   * none.
   */
  stringExtent(rva: number): Extent {
    const head = readBytes(this.reader, rva, 4);
    if (rva === 0 || head.length < 4) return { offset: rva, length: 0 };
    const length = new FieldReader(head, 'le').u32(0);
    return { offset: rva, length: length > MAX_STRING ? 0 : 4 + length };
  }

  #counted(rva: number): Uint8Array | undefined {
    const head = readBytes(this.reader, rva, 4);
    if (rva === 0 || head.length < 4) return undefined;
    const length = Math.min(new FieldReader(head, 'le').u32(0), MAX_STRING, this.reader.length - rva - 4);
    return readBytes(this.reader, rva + 4, this.#names.take(length));
  }
}

/** Limits the bytes that are read. */
class ByteBudget {
  spent = false;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** `bytes`, or 0 if fewer are left. */
  take(bytes: number): number {
    if (bytes > this.#left) {
      this.spent = true;
      return 0;
    }
    this.#left -= bytes;
    return bytes;
  }
}

/** A list preceded by its count. */
interface List {
  fields: FieldReader;
  /** Entries in the file, up to the reader's limit. */
  count: number;
  /** Count in the file; undefined if the file ends before it. */
  stated: number | undefined;
  /** Offsets of the entries in `fields`. */
  entries: number[];
}

/**
 * A list of a u32 count and entries of `size` bytes. Some writers put 4 bytes of padding after the count;
 * only the length of the stream shows it.
 */
export function countedList(fields: FieldReader, size: number, limit: number): List {
  if (fields.length < 4) return { fields, count: 0, stated: undefined, entries: [] };
  const stated = fields.u32(0);
  const start = fields.length >= 8 && fields.length === 8 + stated * size ? 8 : 4;
  const count = Math.min(stated, limit, Math.max(0, Math.floor((fields.length - start) / size)));
  const entries = Array.from({ length: count }, (_, index) => start + index * size);
  return { fields, count, stated, entries };
}

/** A warning about a list of ranges or threads with fewer entries than its count. */
export function truncatedList(name: string, list: Pick<List, 'count' | 'stated'>, offset: number): Warning[] {
  if (list.stated !== undefined && list.stated <= list.count) return [];
  const message = `${name} was read up to entry ${list.count} of ${list.stated ?? 'an unknown number'}`;
  const hint = 'the file is cut or damaged: memory that lost entries describe is unknown';
  return [warnings.of('minidump-list-truncated', { message, hint, offset })];
}

/** MINIDUMP_LOCATION_DESCRIPTOR at an offset of a structure. */
export function location(fields: FieldReader, at: number): StreamLocation {
  return { size: fields.u32(at), rva: fields.u32(at + 4) };
}

export const warnings = defineWarnings({
  'minidump-capped': 'strict',
  'minidump-directory-truncated': 'strict',
  'minidump-list-truncated': 'strict',
  'minidump-stream-truncated': 'strict',
  'segments-capped': 'strict',
});
