import { isZero } from '../../../core/base/bytes/zeros.js';
import { untilNul } from '../decoding/archive-reads.js';
import { MOST_ENTRIES } from './sparse.js';

/** What extended headers say of the next member. */
export interface Extended {
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
export const isMetadata = (type: string): boolean => Object.hasOwn(METADATA, type);

/** Reads the bytes of a metadata entry; false if they are damaged, or something else. */
export const readMetadata = (type: string, bytes: Buffer, next: Extended, global: Extended): boolean =>
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
