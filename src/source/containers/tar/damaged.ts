import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { isZero } from '../../../core/base/bytes/zeros.js';
import { readAt } from '../decoding/archive-reads.js';
import { BLOCK, hasMagic, isDamagedHeader, numberIn, readTarHeader } from './header.js';

/** Bytes in which the next header is looked for behind a first block that is zero, and behind any other. */
const BEHIND_ZEROS = 16 * 1024 * 1024;
const BEHIND_OTHERS = 64 * 1024;
/** Bytes read at once. */
const WINDOW = 1024 * 1024;
/** Headers in a row that memory with a part of an archive does not have. */
const MOST_HEADERS = 64;
/** Bytes of zeros behind an archive: what fills the largest record of GNU tar. */
const MOST_FILLING = 1024 * 1024;

/**
 * True for an archive whose first block is damaged: it has the magic or the fields of a header without the
 * right sum, or other headers follow it, up to the end.
 */
export function startsDamaged(block: Buffer, reader: ByteReader): boolean {
  if (isDamagedHeader(block)) return true;
  if (reader.length % BLOCK !== 0 || reader.length < 2 * BLOCK) return false;
  const size = numberIn(block.subarray(124, 136));
  const next = size === undefined ? 0 : after(0, size);
  if (next > 0 && next < reader.length && isHeader(readAt(reader, next, BLOCK)) && leadsToEnd(reader, next))
    return true;
  const found = firstHeader(reader, isZero(block) ? BEHIND_ZEROS : BEHIND_OTHERS);
  return found !== undefined && leadsToEnd(reader, found);
}

function firstHeader(reader: ByteReader, most: number): number | undefined {
  for (let from = BLOCK; from < most; from += WINDOW) {
    const window = readAt(reader, from, Math.min(WINDOW, most - from));
    for (let at = 0; at + BLOCK <= window.length; at += BLOCK)
      if (isHeader(window.subarray(at, at + BLOCK))) return from + at;
    if (window.length < WINDOW) return undefined;
  }
  return undefined;
}

const isHeader = (block: Buffer): boolean => hasMagic(block) && readTarHeader(block) !== undefined;

/** True if headers follow one another from one on, up to the end of the archive and the file. */
function leadsToEnd(reader: ByteReader, first: number): boolean {
  let at = first;
  for (let headers = 0; headers < MOST_HEADERS; headers++) {
    const block = readAt(reader, at, BLOCK);
    if (block.length < BLOCK) return true;
    if (isZero(block))
      return reader.length - at <= MOST_FILLING && isZero(readAt(reader, at, reader.length - at));
    const header = readTarHeader(block);
    if (header?.size === undefined) return false;
    at = after(at, header.size);
  }
  return true;
}

/** Offset of the block behind a header and `size` bytes. */
const after = (at: number, size: number): number => at + BLOCK * (1 + Math.ceil(size / BLOCK));
