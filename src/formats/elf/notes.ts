import { type Endian, FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Extent } from '../../core/model/report.js';
import { warnings } from './warnings.js';

/**
 * An ELF note (System V gABI, "Note Section"): three 4-byte words, the owner's name, the descriptor; both
 * padded to 4.
 */
export interface Note {
  /** Without the thread suffix of BSDs (`NetBSD-CORE@2`). */
  owner: string;
  /** Thread number from the owner's suffix. */
  thread?: number;
  type: number;
  /** File extent of the whole note, padding included. */
  extent: Extent;
  /** File extent of the descriptor. */
  desc: Extent;
}

const HEADER = 12;
const MAX_OWNER = 256;

/** Up to `length` bytes from `offset`. */
type Read = (offset: number, length: number) => Uint8Array;

/** The notes of a segment, up to the first that does not fit into it. */
export function* walkNotes(read: Read, segment: Extent, endian: Endian): Generator<Note, void> {
  const end = segment.offset + segment.length;
  let offset = segment.offset;
  while (offset + HEADER <= end) {
    const fields = new FieldReader(read(offset, HEADER), endian, offset);
    if (fields.length < HEADER) return;
    const nameLength = fields.u32(0);
    const descLength = fields.u32(4);
    const desc = { offset: offset + HEADER + padded(nameLength), length: descLength };
    if (nameLength > MAX_OWNER || desc.offset + descLength > end) return;
    const next = Math.min(end, desc.offset + padded(descLength));
    const name = new FieldReader(read(offset + HEADER, nameLength), endian).cstring(0, nameLength);
    yield { ...splitOwner(name), type: fields.u32(8), extent: { offset, length: next - offset }, desc };
    offset = next;
  }
}

/** The warning about a note that does not match its structure. */
export function malformedNote({ extent }: Note, message: string): Warning {
  const hint = 'the core is damaged or hostile: facts of this note may be missing, its bytes were swept';
  return warnings.of('note-malformed', { message, hint, ...extent });
}

function splitOwner(name: string): { owner: string; thread?: number } {
  if (!name.includes('@')) return { owner: name };
  const match = /^(NetBSD-CORE|OpenBSD)@(\d{1,10})$/.exec(name);
  return match ? { owner: match[1]!, thread: Number(match[2]) } : { owner: name };
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
