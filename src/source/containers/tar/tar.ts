import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { isZero } from '../../../core/base/bytes/zeros.js';
import { displayName } from '../../../core/base/text/escape.js';
import { readAt, untilNul } from '../decoding/archive-reads.js';
import { corrupt, truncated, warnings } from '../decoding/decoder.js';
import {
  type ArchiveReport,
  type Lister,
  type Member,
  type MemberPiece,
  reportRest,
} from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';
import { BLOCK, readTarHeader, type TarHeader } from './header.js';
import {
  MOST_ENTRIES,
  oldSparseMap,
  pairs,
  type SparseMap,
  sparseMapInData,
  sparsePieces,
} from './sparse.js';

/** Bytes of one extended header or long name. */
const MOST_METADATA = 2 ** 20;
/** Bytes read at once in the search for the next header. */
const WINDOW = 2 ** 20;
/** Steps that a window counts as. */
const STEPS = 256;

/** Links, devices and folders: whatever size they state, no bytes follow. */
const WITHOUT_CONTENT = new Set(['1', '2', '3', '4', '5', '6']);

/** Lists the members of a tar archive, of all archives where they follow one another (tar -A, cat). */
export const listTar: Lister = async function* (reader, report) {
  yield* new TarWalk(reader, report).members();
};

class TarWalk {
  readonly #reader: ByteReader;
  readonly #report: ArchiveReport;
  #global: Extended = {};
  #next: Extended = {};
  readonly #steps = new Steps();

  constructor(reader: ByteReader, report: ArchiveReport) {
    this.#reader = reader;
    this.#report = report;
  }

  *members(): Generator<Member | undefined> {
    const { length } = this.#reader;
    let ended = false;
    for (let at = 0; at < length; ) {
      if (this.#steps.areMany()) yield undefined;
      const block = readAt(this.#reader, at, BLOCK);
      if (block.length === BLOCK && block.every((byte) => byte === 0)) {
        ended = true;
        at = yield* this.#nextFilled(at + BLOCK);
        continue;
      }
      const header = readTarHeader(block);
      if (header?.size === undefined) {
        if (!ended)
          reportRest(this.#report, block.length < BLOCK ? truncated('tar', at) : corrupt('tar', at));
        else reportRest(this.#report, trailingData(at));
        at = yield* this.#nextHeader(at + BLOCK);
        continue;
      }
      ended = false;
      at = yield* this.#member(header, block, at);
    }
    // Some programs write no end: layers of images mostly have none.
    if (!ended && !this.#report.isWhole) reportRest(this.#report, truncated('tar', length));
  }

  /** Yields the member of a header, if it has one. Returns the offset of the next header. */
  *#member(header: TarHeader, block: Buffer, at: number): Generator<Member, number> {
    const data = at + BLOCK;
    if (isMetadata(header.type)) {
      yield* this.#metadata(header, data, header.size!);
      return after(data, header.size!);
    }
    const stated = { ...this.#global, ...this.#next };
    this.#next = {};
    const { name = header.name, mtime = header.mtime, sparse } = stated;
    const size = WITHOUT_CONTENT.has(header.type) ? 0 : (stated.size ?? header.size!);
    const blockAt = (from: number) => (n: number) => readAt(this.#reader, from + n * BLOCK, BLOCK);
    const map = isOldSparse(header) ? oldSparseMap(block, blockAt(data)) : sparseMap(sparse, blockAt(data));
    // The old format does not count its map as content.
    const begin = data + (map?.mapBytes ?? 0);
    const end = isOldSparse(header) ? begin + size : data + size;
    const stored = { offset: begin, length: Math.max(0, Math.min(end, this.#reader.length) - begin) };
    const member = { name, stored, ...(mtime !== undefined && { mtime: new Date(mtime * 1000) }) };
    if (end > this.#reader.length) reportRest(this.#report, truncated('tar', this.#reader.length));
    if (isOldSparse(header) || sparse !== undefined) yield { ...member, ...sparseParts(map, stored, at) };
    else if (stored.length > 0 || (size === 0 && !WITHOUT_CONTENT.has(header.type))) yield member;
    return after(end, 0);
  }

  /** Reads a metadata entry. What is none is a member with a doubt. */
  *#metadata({ name, type }: TarHeader, at: number, size: number): Generator<Member> {
    const bytes = size > MOST_METADATA ? undefined : readAt(this.#reader, at, size);
    if (bytes?.length === size && readMetadata(type, bytes, this.#next, this.#global)) return;
    const length = Math.min(size, Math.max(0, this.#reader.length - at));
    if (length > 0) yield { name, stored: { offset: at, length }, doubt: noMetadata(name, type, at) };
    if (length < size) reportRest(this.#report, truncated('tar', this.#reader.length));
  }

  /** Offset of the next block that is not zero. */
  #nextFilled(from: number): Generator<undefined, number> {
    return this.#find(from, (block) => block.some((byte) => byte !== 0));
  }

  #nextHeader(from: number): Generator<undefined, number> {
    return this.#find(from, (block) => block[0] !== 0 && readTarHeader(block) !== undefined);
  }

  *#find(from: number, matches: (block: Buffer) => boolean): Generator<undefined, number> {
    for (let at = from; at < this.#reader.length; at += WINDOW) {
      const window = readAt(this.#reader, at, WINDOW);
      for (let i = 0; i < window.length; i += BLOCK)
        if (matches(window.subarray(i, i + BLOCK))) return at + i;
      if (window.length === 0) break;
      if (this.#steps.areMany(STEPS)) yield undefined;
    }
    return this.#reader.length;
  }
}

/** Offset of the block after `size` bytes. */
const after = (at: number, size: number): number => Math.ceil((at + size) / BLOCK) * BLOCK;

const isOldSparse = ({ type, isGnu }: TarHeader): boolean => type === 'S' && isGnu;

const noMetadata = (name: Buffer, type: string, offset: number) =>
  warnings.of('archive-damaged', {
    message: `the entry ${displayName(name)} says that it is metadata (type ${type}), and is none`,
    hint: 'it was searched as a file; names and sizes of the entries after it may be wrong',
    offset,
  });

const trailingData = (offset: number) =>
  warnings.of('container-trailing-data', {
    message: `what follows the end of the archive, from offset ${offset} on, is no member`,
    hint: 'those bytes were searched as they are: cut them off and scan them on their own',
    offset,
  });

function sparseMap(
  sparse: Extended['sparse'],
  blockAt: (n: number) => Buffer | undefined,
): SparseMap | undefined {
  if (sparse === undefined) return undefined;
  if (sparse.numbers.length > 2 * MOST_ENTRIES) return undefined;
  if (sparse.isInData) return sparseMapInData(sparse.length, blockAt);
  return { entries: pairs(sparse.numbers), length: sparse.length, mapBytes: 0 };
}

/** The pieces of a sparse member, or why it cannot be read. */
function sparseParts(
  map: SparseMap | undefined,
  stored: Member['stored'],
  at: number,
): { pieces: MemberPiece[]; length: number } | { problem: ReturnType<typeof warnings.of> } {
  const pieces = map && sparsePieces(map, { offset: stored.offset, size: stored.length });
  if (pieces !== undefined) return { pieces, length: map?.length ?? 0 };
  const message = `the map of the sparse member at offset ${at} is damaged, or its data is cut`;
  const hint = 'get a good copy; its data was searched as it is stored';
  return { problem: warnings.of('archive-damaged', { message, hint, offset: at }) };
}

/** What extended headers say of the next member. */
interface Extended {
  name?: Buffer;
  size?: number;
  mtime?: number;
  sparse?: { isInData?: boolean; length?: number; numbers: number[] };
}

/**
 * Headers that are about the next member or about all that follow, by type. Each returns whether its bytes
 * are nothing else: then no file is in them.
 */
const METADATA: Readonly<Record<string, (bytes: Buffer, next: Extended, global: Extended) => boolean>> = {
  L: (bytes, next) => {
    next.name = untilNul(bytes);
    return isZero(bytes.subarray(next.name.length));
  },
  K: (bytes) => isZero(bytes.subarray(untilNul(bytes).length)),
  x: (bytes, next) => readPax(bytes, next),
  X: (bytes, next) => readPax(bytes, next),
  g: (bytes, _next, global) => {
    const isWhole = readPax(bytes, global);
    // A map is that of one member: read again for each, it would take any time.
    delete global.sparse;
    return isWhole;
  },
};

/** Whether entries of a type are metadata. */
const isMetadata = (type: string): boolean => Object.hasOwn(METADATA, type);

/** Reads the bytes of a metadata entry; false if they are damaged, or something else. */
const readMetadata = (type: string, bytes: Buffer, next: Extended, global: Extended): boolean =>
  METADATA[type]!(bytes, next, global);

/** What the keys of extended headers set (GNU tar manual, "Storing Sparse Files"). */
const KEYS: Readonly<Record<string, (value: Buffer, extended: Extended) => void>> = {
  path: (value, extended) => {
    extended.name ??= value;
  },
  size: (value, extended) => set(extended, 'size', decimal(value)),
  mtime: (value, extended) => set(extended, 'mtime', decimal(value)),
  'GNU.sparse.name': (value, extended) => {
    extended.name = value;
  },
  'GNU.sparse.major': (value, extended) => {
    sparseOf(extended).isInData = decimal(value) === 1;
  },
  'GNU.sparse.size': (value, extended) => set(sparseOf(extended), 'length', decimal(value)),
  'GNU.sparse.realsize': (value, extended) => set(sparseOf(extended), 'length', decimal(value)),
  'GNU.sparse.offset': (value, extended) => addNumber(extended, value),
  'GNU.sparse.numbytes': (value, extended) => addNumber(extended, value),
  'GNU.sparse.map': (value, extended) => {
    sparseOf(extended).numbers = value
      .toString('latin1')
      .split(',')
      .map((number) => decimal(Buffer.from(number)) ?? -1);
  },
};

function readPax(bytes: Buffer, extended: Extended): boolean {
  const records = paxRecords(bytes);
  for (const [key, value] of records ?? []) if (Object.hasOwn(KEYS, key)) KEYS[key]!(value, extended);
  return records !== undefined;
}

const sparseOf = (extended: Extended) => {
  extended.sparse ??= { numbers: [] };
  return extended.sparse;
};

/** Numbers of one map may be in any number of headers. */
function addNumber(extended: Extended, value: Buffer): void {
  const { numbers } = sparseOf(extended);
  if (numbers.length <= 2 * MOST_ENTRIES) numbers.push(decimal(value) ?? -1);
}

function set<K extends string>(target: Partial<Record<K, number>>, key: K, value: number | undefined): void {
  if (value !== undefined) target[key] = value;
}

/** A decimal number without its fraction. */
function decimal(value: Buffer): number | undefined {
  const digits = /^([0-9]{1,15})(?:\.[0-9]*)?$/.exec(value.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Records of pax extended headers, `length key=value\n` (POSIX.1-2017, pax, "pax Extended Header"), in order:
 * a key may come again. Undefined if they are damaged, or if other bytes than zeros follow.
 */
function paxRecords(bytes: Buffer): [key: string, value: Buffer][] | undefined {
  const records: [string, Buffer][] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const blank = bytes.indexOf(0x20, at);
    const digits = bytes.toString('latin1', at, Math.min(blank < 0 ? at : blank, at + 16));
    const length = /^[0-9]{1,15}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = bytes.indexOf(0x3d, blank);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || equals < 0 || equals >= end)
      return undefined;
    records.push([bytes.toString('latin1', blank + 1, equals), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return isZero(bytes.subarray(at)) ? records : undefined;
}
