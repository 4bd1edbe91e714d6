import { unionOf } from '../../core/base/bytes/intervals.js';
import { bufferReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { elfClass, PT_LOAD, PT_NOTE, readElfHeader } from './header.js';
import { locateHeaders, programHeaders } from './program-headers.js';

/** A core of a large program has some thousands of segments. */
const MAX_SEGMENTS = 16_384;
/** Bytes at the start of a segment, where the header of a mapped image would be. */
const SEGMENT_START = 4096;
/** Bytes of notes: enough for thousands of threads and mappings. */
const MAX_NOTES = 16 * 1024 * 1024;

/**
 * What opening a core will read besides its headers: notes, and the start of each segment. Headers that are
 * not in `head` are ignored. This is an optimisation: extents that are left out are read later.
 */
export function prefetchCore(head: Uint8Array): Extent[] {
  const reader = bufferReader(head);
  const header = readElfHeader(head);
  if (header === undefined || head.length < elfClass(header).ehdr.size) return [];
  const wanted: Extent[] = [];
  const { count } = locateHeaders(reader, header);
  for (const { type, offset, filesz } of programHeaders(reader, header, count)) {
    if (wanted.length >= MAX_SEGMENTS) break;
    if (type === PT_NOTE) wanted.push({ offset, length: Math.min(filesz, MAX_NOTES) });
    else if (type === PT_LOAD) wanted.push({ offset, length: Math.min(filesz, SEGMENT_START) });
  }
  // A hostile table can name the same extent thousands of times.
  return unionOf(wanted);
}
