import type { ByteReader } from '../../base/bytes/storage.js';
import { isZero } from '../../base/bytes/zeros.js';
import { readAt } from '../decoding/archive-reads.js';
import { BLOCK, hasMagic, isDamagedHeader, numberIn, readTarHeader } from './header.js';

/** Bytes in which the next header is looked for behind a first block that is zero, and behind any other. */
const BEHIND_ZEROS = 16 * 1024 * 1024;
const BEHIND_OTHERS = 64 * 1024;
/** Bytes read at once. */
const WINDOW = 1024 * 1024;

/**
 * True for an archive whose first block is damaged: it has the magic or the fields of a header without the
 * right sum, or another header follows it.
 */
export function startsDamaged(block: Buffer, reader: ByteReader): boolean {
  if (isDamagedHeader(block)) return true;
  if (reader.length % BLOCK !== 0 || reader.length < 2 * BLOCK) return false;
  const size = numberIn(block.subarray(124, 136));
  const next = size === undefined ? 0 : BLOCK * (1 + Math.ceil(size / BLOCK));
  if (next > 0 && next < reader.length && isHeader(readAt(reader, next, BLOCK))) return true;
  return hasHeader(reader, isZero(block) ? BEHIND_ZEROS : BEHIND_OTHERS);
}

function hasHeader(reader: ByteReader, most: number): boolean {
  for (let from = BLOCK; from < most; from += WINDOW) {
    const window = readAt(reader, from, Math.min(WINDOW, most - from));
    for (let at = 0; at + BLOCK <= window.length; at += BLOCK)
      if (isHeader(window.subarray(at, at + BLOCK))) return true;
    if (window.length < WINDOW) return false;
  }
  return false;
}

const isHeader = (block: Buffer): boolean => hasMagic(block) && readTarHeader(block) !== undefined;
