import type { MemberPiece } from '../decoding/member.js';
import { BLOCK, numberIn } from './header.js';

/** Entries of one map. */
export const MOST_ENTRIES = 2 ** 20;

/** A stretch of data of a sparse file: offset in the file, and length. */
export interface SparseEntry {
  start: number;
  length: number;
}

/** The map of a sparse member, and how many of its bytes come before the data. */
export interface SparseMap {
  entries: SparseEntry[];
  /** Length of the file with its holes. */
  length: number | undefined;
  mapBytes: number;
}

/** Entries of 24 bytes, two numbers each, until one is empty. */
function* oldEntries(bytes: Buffer): Generator<SparseEntry | undefined> {
  for (let at = 0; at + 24 <= bytes.length && bytes[at] !== 0; at += 24) {
    const start = numberIn(bytes.subarray(at, at + 12));
    const length = numberIn(bytes.subarray(at + 12, at + 24));
    yield start === undefined || length === undefined ? undefined : { start, length };
  }
}

/**
 * The map of GNU's old format: 4 entries in the header, further blocks of 21 behind it. `blockAt` reads the
 * n-th block after the header. Undefined if it is damaged.
 */
export function oldSparseMap(
  header: Buffer,
  blockAt: (n: number) => Buffer | undefined,
): SparseMap | undefined {
  const entries: SparseEntry[] = [];
  const add = (bytes: Buffer): boolean => {
    for (const entry of oldEntries(bytes)) {
      if (entry === undefined || entries.length >= MOST_ENTRIES) return false;
      entries.push(entry);
    }
    return true;
  };
  if (!add(header.subarray(386, 482))) return undefined;
  let blocks = 0;
  for (let isExtended = header[482] !== 0; isExtended; blocks++) {
    const block = blockAt(blocks);
    if (block === undefined || block.length < BLOCK || !add(block.subarray(0, 504))) return undefined;
    isExtended = block[504] !== 0;
  }
  return { entries, length: numberIn(header.subarray(483, 495)), mapBytes: blocks * BLOCK };
}

/** The map of format 1.0: decimal lines before the data, filled up to a block. */
export function sparseMapInData(
  length: number | undefined,
  blockAt: (n: number) => Buffer | undefined,
): SparseMap | undefined {
  const numbers: number[] = [];
  let wanted = 1;
  let rest = '';
  let blocks = 0;
  while (numbers.length < wanted) {
    const block = blockAt(blocks++);
    if (block === undefined || block.length < BLOCK) return undefined;
    const lines = (rest + block.toString('latin1')).split('\n');
    rest = lines.pop()!;
    if (rest.length > BLOCK) return undefined;
    for (const line of lines) {
      if (numbers.length >= wanted) break;
      if (!/^[0-9]{1,15}$/.test(line)) return undefined;
      numbers.push(Number(line));
      if (numbers.length === 1) wanted = 1 + 2 * Math.min(numbers[0]!, MOST_ENTRIES + 1);
      if (wanted > 1 + 2 * MOST_ENTRIES) return undefined;
    }
  }
  return { entries: pairs(numbers.slice(1)), length, mapBytes: blocks * BLOCK };
}

/** Offsets and lengths in turn, as formats 0.0 and 0.1 have them. */
export function pairs(numbers: readonly number[]): SparseEntry[] {
  return Array.from({ length: numbers.length >> 1 }, (_, i) => ({
    start: numbers[2 * i]!,
    length: numbers[2 * i + 1]!,
  }));
}

/** The pieces of a member whose data begins at `offset`; undefined if the map is no map of `size` bytes. */
export function sparsePieces(
  { entries, length }: SparseMap,
  { offset, size }: { offset: number; size: number },
): MemberPiece[] | undefined {
  const pieces: MemberPiece[] = [];
  let end = 0;
  let done = 0;
  for (const entry of entries) {
    if (entry.start < end || !Number.isSafeInteger(entry.start + entry.length)) return undefined;
    end = entry.start + entry.length;
    if (entry.length > 0) pieces.push({ start: entry.start, offset: offset + done, length: entry.length });
    done += entry.length;
  }
  return done === size && length !== undefined && end <= length ? pieces : undefined;
}
