import { unionOf } from '../../base/bytes/intervals.js';
import { bufferReader } from '../../base/bytes/storage.js';
import type { Extent } from '../../model/report.js';
import { elfClass, PT_LOAD, PT_NOTE, readElfHeader } from './header.js';
import { locateHeaders, programHeaders } from './program-headers.js';

/** Segments whose bytes are foretold; a core of a large program has some thousands. */
const MOST = 16_384;
/** Bytes of a segment's front that tell what is mapped there. */
const FRONT = 4096;
/** Bytes of notes: those of thousands of threads and mappings. */
const NOTES = 16 * 1024 * 1024;

/**
 * What opening a core reads beside its headers, as far as those lie in its first bytes: notes, and the front of each segment. It is
 * a guess that saves reading twice: nothing depends on it.
 */
export function prefetchCore(head: Uint8Array): Extent[] {
  const reader = bufferReader(head);
  const header = readElfHeader(head);
  if (header === undefined || head.length < elfClass(header).ehdr.size) return [];
  const wanted: Extent[] = [];
  for (const { type, offset, filesz } of programHeaders(
    reader,
    header,
    locateHeaders(reader, header).count,
  )) {
    if (wanted.length >= MOST) break;
    if (type === PT_NOTE) wanted.push({ offset, length: Math.min(filesz, NOTES) });
    else if (type === PT_LOAD) wanted.push({ offset, length: Math.min(filesz, FRONT) });
  }
  // A hostile table names one extent thousands of times.
  return unionOf(wanted);
}
