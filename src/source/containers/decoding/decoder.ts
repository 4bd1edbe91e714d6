import { OutOfBounds } from '../../../core/base/bytes/field-reader.js';
import type { DumpsieveError } from '../../../core/base/runtime/errors.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { Unread } from '../../../core/model/report.js';
import type { DecoderInput } from './input.js';

/** What a decoder reports besides the content. */
export interface DecodeReport {
  /** Bytes of content so far, counted by the decoder's caller. */
  decoded: number;
  /** What they cost of the bytes that a file may expand to: zeros cost less. */
  charged: number;
  /** The content's name in the container (gzip FNAME), not validated. */
  name?: Uint8Array;
  mtime?: Date;
  /** True if the container holds only this content: no gzip extra field, no skippable frame. */
  hasOnlyContent?: boolean;
  /** Ranges in content offsets. */
  unread: Unread[];
  warnings: Warning[];
}

/** Memory that content may be decoded into without a copy. */
export interface OutputBuffer {
  /** Memory for the next content, at least one byte; blocks the thread until there is some. */
  reserve(): Uint8Array;
  /** The first `count` bytes hold content now, which is yielded next. */
  commit(count: number): void;
}

/**
 * Decodes a container's stored bytes into its content, in order. Errors of the data go to the report and are
 * not thrown. With a `buffer` the content may lie there.
 */
export type ContainerDecoder = (
  input: DecoderInput,
  report: DecodeReport,
  buffer?: OutputBuffer,
) => AsyncGenerator<Uint8Array>;

/** Decodes short data at once; undefined if it is not whole, damaged or longer than `length`. */
export type WholeDecoder = (bytes: Uint8Array, length: number) => Uint8Array | undefined;

export function newDecodeReport(): DecodeReport {
  return { decoded: 0, charged: 0, unread: [], warnings: [] };
}

/** The content without its first `count` bytes, which were yielded before. */
export async function* skipFirst(
  content: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let skip = count;
  for await (const chunk of content) {
    const fresh = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    if (fresh.length > 0) yield fresh;
  }
}

/** The header that `read` reads, or `cut` if the input ends within it. */
export function unlessCut<T>(read: () => T): T | 'cut' {
  try {
    return read();
  } catch (error) {
    if (error instanceof OutOfBounds) return 'cut';
    throw error;
  }
}

/** True if the content was decoded without a fault, and the container has nothing else. */
export const isFullyDecoded = (report: DecodeReport | undefined): boolean =>
  report?.hasOnlyContent === true && report.unread.length === 0;

/** Reports the content from here to an unknown end as unread. */
export function reportLost(report: DecodeReport, warning: Warning): void {
  report.unread.push({ offset: report.decoded, length: null, reason: warning.message });
  report.warnings.push(warning);
}

/** Reports decoded content that does not match its checksum or its stated length. */
export function reportDoubtful(report: DecodeReport, start: number, warning: Warning): void {
  report.unread.push({ offset: start, length: report.decoded - start, reason: warning.message });
  report.warnings.push(warning);
}

const TRUNCATED =
  'the file was cut short: get a whole copy; what could be decoded before the cut was searched';
const CORRUPT = 'the file is damaged: get a good copy; what could be decoded before the damage was searched';

export const truncated = (codec: string, offset: number): Warning =>
  warnings.of('container-truncated', {
    message: `the ${codec} data ends early, at offset ${offset} of the container`,
    hint: TRUNCATED,
    offset,
  });

export const corrupt = (codec: string, offset: number): Warning =>
  warnings.of('container-corrupt', {
    message: `the ${codec} data cannot be decoded from about offset ${offset} of the container on`,
    hint: CORRUPT,
    offset,
  });

export const mismatch = (codec: string, what: string, offset: number): Warning =>
  warnings.of('container-checksum', {
    message:
      `the ${what} of the ${codec} data that starts at ` + `offset ${offset} of the container does not match`,
    hint: 'the content may differ from what was stored: get a good copy',
    offset,
  });

const BLOCK = 64 * 1024;

/**
 * Reports bytes after the last frame, unless they are zero padding (tapes, block devices).
 * They are searched as stored bytes of the container, but not decoded.
 */
export function trailing(codec: string, input: DecoderInput, report: DecodeReport): void {
  const start = input.offset;
  let zero = true;
  for (let part = input.peek(BLOCK); part.length > 0; part = input.peek(BLOCK)) {
    zero &&= part.every((byte) => byte === 0);
    if (!zero) break;
    input.skip(part.length);
  }
  if (zero) return;
  reportLost(
    report,
    warnings.of('container-trailing-data', {
      message: `what follows the ${codec} data, from offset ${start} of the container on, is not ${codec}`,
      hint: 'those bytes were searched as they are, not decoded: cut them off and scan them on their own',
      offset: start,
    }),
  );
}

/** Bytes left out are in `coverage.file.unread` too, which alone makes the exit status 2. */
export const warnings = defineWarnings({
  'archive-damaged': 'note',
  'archive-too-many-members': 'note',
  'container-checksum': 'note',
  'container-corrupt': 'note',
  'container-trailing-data': 'note',
  'container-truncated': 'note',
  'container-window': 'note',
  'lz4-dictionary': 'note',
  'member-encrypted': 'note',
  'member-not-decoded': 'note',
  'members-overlap': 'note',
  'microdump-lines-missing': 'note',
  'zstd-dictionary': 'note',
  'zstd-window': 'note',
});

/** An error that ended the decoding of content, as the content's warning. What was not decoded is unread. */
export function warningOf(error: DumpsieveError): Warning {
  return { ...error.notice(), effect: 'note' };
}
