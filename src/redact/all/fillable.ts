import type { ByteReader } from '../../core/base/bytes/storage.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { formatIn, machoCore, microdump } from '../../formats/formats.js';
import { recognise } from '../../source/containers/containers.js';
import { insteadOf } from '../core/containers.js';
import { TEXT_FILL } from '../core/fill.js';

/** Formats whose bytes are not what is in memory, or that have no writer yet. */
const REFUSED = [machoCore, microdump];

/** Bytes that tell whether a file is text. */
const HEAD = 64 * 1024;

/** The format of a file and the byte that fills places in it. Throws (exit 3) where it cannot be filled. */
export function fillableFormat(reader: ByteReader): { format: string; fill: number } {
  const container = recognise(reader);
  if (container !== undefined)
    throw refused(`a copy of a container cannot be made yet (${container.name})`, insteadOf(container));
  const format = formatIn(reader);
  if (REFUSED.includes(format))
    throw refused(
      `a copy of this format cannot be made yet (${format.name})`,
      format.insteadOfCopy ??
        'ELF cores, minidumps, HPROF, heap snapshots, LiME, raw memory and text can be copied',
    );
  return { format: format.name, fill: isText(reader) ? TEXT_FILL : 0 };
}

/** UTF-8 without control characters but blanks. A character may be cut at the end. */
function isText(reader: ByteReader): boolean {
  const head = new Uint8Array(Math.min(HEAD, reader.length));
  reader.read(0, head);
  if (head.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].includes(byte))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const refused = (message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code: 'redact-format', message, hint });
