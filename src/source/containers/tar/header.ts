import { isZero } from '../../../core/base/bytes/zeros.js';
import { untilNul } from '../decoding/archive-reads.js';

/**
 * Header blocks of tar: v7, ustar and pax (POSIX.1-2017, pax, "ustar Interchange Format"), GNU (tar(5) of
 * libarchive, "GNU Tar Archives").
 */

/** Bytes of a header, and the unit of everything else. */
export const BLOCK = 512;

export interface TarHeader {
  name: Buffer;
  /** Bytes that follow the header; undefined if the field is not a number. */
  size: number | undefined;
  /** Seconds since 1970. */
  mtime: number | undefined;
  /** One character; NUL counts as `0`. */
  type: string;
  /** Of GNU tar: its fields for sparse files take the place of the prefix of names. */
  isGnu: boolean;
}

const FIELDS = { name: 100, size: 12, mtime: 12 };

/** Octal digits between blanks and NULs, or, with the top bit set, a big-endian number (GNU). */
export function numberIn(field: Buffer): number | undefined {
  if (field[0] === 0x80) {
    const number = BigInt(`0x${field.subarray(1).toString('hex')}`);
    return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : undefined;
  }
  const digits = /^[\0 ]*([0-7]*)[\0 ]*$/.exec(field.toString('latin1'))?.[1];
  if (digits === undefined) return undefined;
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The sum of all bytes, with blanks in its own field; some old programs add them as signed numbers. */
function hasChecksum(block: Buffer): boolean {
  const stored = numberIn(block.subarray(148, 156));
  if (stored === undefined) return false;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const value = at >= 148 && at < 156 ? 0x20 : block[at]!;
    unsigned += value;
    signed += value < 0x80 ? value : value - 0x100;
  }
  return stored === unsigned || stored === signed;
}

const MAGIC = Buffer.from('ustar');

/** True if a block has the magic at its place: "ustar", and a NUL or blank. */
export const hasMagic = (block: Buffer): boolean =>
  block[257] === MAGIC[0] &&
  block.subarray(257, 257 + MAGIC.length).equals(MAGIC) &&
  (block[262] === 0 || block[262] === 0x20);

/** Number of fields with octal digits, of the six: mode, owner, group, size, time, sum. */
function octalFields(block: Buffer): number {
  const fields = [
    ...[block.subarray(100, 108), block.subarray(108, 116), block.subarray(116, 124)],
    ...[block.subarray(124, 136), block.subarray(136, 148), block.subarray(148, 156)],
  ];
  return fields.filter((field) => /[0-7]/.test(field.toString('latin1')) && numberIn(field) !== undefined)
    .length;
}

/** Without a magic, as in v7: a name, and fields that are octal numbers. */
const isOldHeader = (block: Buffer): boolean =>
  block[0] !== 0 && /^[\0\x30-\x37]$/.test(String.fromCharCode(block[156]!)) && octalFields(block) === 6;

/** Fields that a damaged header has left. */
const LEFT = 3;

/** True for a header, as in v7 or with the magic, of which most is there, whatever its sum is. */
export const isDamagedHeader = (block: Buffer): boolean =>
  (isOldHeader(block) && isZero(block.subarray(500))) || (hasMagic(block) && octalFields(block) >= LEFT);

/** The fields of a header block, or undefined if it is none. */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length < BLOCK || !hasChecksum(block)) return undefined;
  const magic = block.toString('latin1', 257, 265);
  const isGnu = magic === 'ustar  \0';
  if (!magic.startsWith('ustar') && !isOldHeader(block)) return undefined;
  const prefix = magic.startsWith('ustar\0') ? untilNul(block.subarray(345, 500)) : Buffer.alloc(0);
  const name = untilNul(block.subarray(0, FIELDS.name));
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : Buffer.from(name),
    size: numberIn(block.subarray(124, 124 + FIELDS.size)),
    mtime: numberIn(block.subarray(136, 136 + FIELDS.mtime)),
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    isGnu,
  };
}
