import type { Extent } from '../../../core/base/bytes/extent.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Secret } from '../../../core/base/crypto/secret.js';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import type { Unread } from '../../../core/model/report.js';
import { type ContainerDecoder, warnings } from './decoder.js';

/** What the content of a member must agree with. */
export interface Expected {
  crc32?: number;
  /** Bytes. */
  length?: number;
}

/** A piece of a sparse member. */
export interface MemberPiece extends Extent {
  /** Offset in the content. */
  start: number;
}

/** A file in an archive; one without content has no stored bytes. */
export interface Member {
  /** Name as stored, neither validated nor decoded. */
  name: Uint8Array;
  mtime?: Date;
  /** The bytes that the archive has of it. */
  stored: Extent;
  /** Of a sparse member: its parts in the archive, ascending; all else is zero. */
  pieces?: MemberPiece[];
  /** Bytes of the content, if it differs from what is stored. */
  length?: number;
  /** Name of the container that decodes it; absent: it is stored as it is. */
  codec?: string;
  /** Of an encrypted one: what decrypts its stored bytes, before they are decoded, or why nothing does. */
  unlock?: (password: Secret | undefined) => ContainerDecoder | Warning;
  expected?: Expected;
  /** True if the stored bytes may be no encoding: they are searched as they are, too. */
  isPlainToo?: boolean;
  /** Why there may be another reading of it. It is opened, and its stored bytes are searched as well. */
  doubt?: Warning;
  /** Why its content cannot be read. Its stored bytes are searched as they are. */
  problem?: Warning;
}

/** What the reader of an archive reports besides the members. */
export interface ArchiveReport {
  /** The archive was in a container that says where it ends: it is not cut, even if it has no end mark. */
  isWhole?: boolean;
  /** Ranges in offsets of the archive. */
  unread: Unread[];
  warnings: Warning[];
}

/**
 * Lists the members of an archive, in order. Errors of the data go to the report and are not thrown. From
 * time to time it yields undefined (see Steps): the consumer then lets timers and signals run.
 */
export type Lister = (reader: ByteReader, report: ArchiveReport) => AsyncGenerator<Member | undefined>;

/** Reports of the rest of one archive: further ones would say nothing new. */
const MOST_RESTS = 20;

/** Members of all archives within one file: beyond this number the rest is reported as unread. */
export const MOST_MEMBERS = 2 ** 18;
/** Bytes of a name that is kept; no file system has longer paths. */
export const LONGEST_NAME = 4096;
/** Bytes of their names. */
export const MOST_NAMES = 32 * 1024 ** 2;

/**
 * The warning of an archive whose members from an offset on are too many. Numbers are grouped only here: the
 * first use of a locale costs more than the rest of this program's start.
 */
export function tooManyMembers(offset: number): Warning {
  const most = `${MOST_MEMBERS.toLocaleString('en-US')} members or ${MOST_NAMES / 2 ** 20} MiB of names`;
  return warnings.of('archive-too-many-members', {
    message: `it has more than ${most}: the others were not unpacked`,
    hint: 'unpack it and scan the folder',
    offset,
  });
}

/** Reports the archive from the offset of a warning on, or as a whole, as unread. */
export function reportRest(report: ArchiveReport, warning: Warning): void {
  const rests = report.unread.filter(({ length }) => length === null);
  if (rests.length >= MOST_RESTS) return;
  report.unread.push({ offset: warning.offset ?? 0, length: null, reason: warning.message });
  report.warnings.push(warning);
}
