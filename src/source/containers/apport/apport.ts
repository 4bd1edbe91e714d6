import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { corrupt } from '../decoding/decoder.js';
import { type Lister, type Member, reportRest } from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';

/** Bytes read at once. */
const WINDOW = 2 ** 20;
/** Bytes of a line that are looked at: keys are shorter. */
const MOST_KEY = 256;

const BLANK = 0x20;
const LINE_FEED = 0x0a;

/** How the base64 of gzip and of zstd begins, in which Apport compresses every file. */
const COMPRESSED = /^ (?:H4sI|KLUv)/;

/** A key; `base64` behind it says what the lines after it are. */
const KEY = /^([A-Za-z][\w.-]*):( base64\s*$)?/;

/** A key of base64 whose line goes on. */
const DAMAGED_KEY = /: base64| (?:H4sI|KLUv)/;

/** A field whose lines are read. */
interface Field {
  name: Buffer;
  /** Offset of its first line. */
  offset: number;
  /** True if its key says that it is base64. */
  isStated: boolean;
  /** True if its first line says so. */
  isCompressed: boolean;
}

/**
 * Lists the files of an Apport report: `Key: base64`, then lines that begin with a blank, each in base64 on
 * its own (problem_report.py of Apport). Together they are gzip or zstd data, which shows a damaged key.
 */
export const listApport: Lister = async function* (reader, report) {
  let open: Field | undefined;
  let damaged: number | undefined;
  const steps = new Steps();
  for (const { offset, head } of lines(reader)) {
    // A line is soon read.
    if (steps.areMany(1 / 8)) yield undefined;
    if (head[0] === BLANK) {
      if (offset === open?.offset) open.isCompressed = COMPRESSED.test(head.toString('latin1', 0, 5));
      continue;
    }
    if (open && (open.isStated || open.isCompressed)) yield member(open, offset);
    const line = head.toString('latin1');
    const [, key, stated] = KEY.exec(line) ?? [];
    const isText = key !== undefined && (stated !== undefined || !DAMAGED_KEY.test(line));
    if (!isText && line.trimEnd() !== '') damaged ??= offset;
    open = key === undefined ? undefined : field(key, stated, offset + head.length + 1);
  }
  if (open && (open.isStated || open.isCompressed)) yield member(open, reader.length);
  if (damaged !== undefined) reportRest(report, corrupt('Apport', damaged));
};

const field = (key: string, stated: string | undefined, offset: number): Field => ({
  ...{ name: Buffer.from(key), offset },
  ...{ isStated: stated !== undefined, isCompressed: false },
});

/** Text that is stated to be base64 may be none. */
const member = ({ name, offset, isCompressed }: Field, end: number): Member => ({
  name,
  stored: { offset, length: Math.max(0, end - offset) },
  codec: 'base64-lines',
  isPlainToo: !isCompressed,
});

/** Offset and first bytes of each line. */
function* lines(reader: ByteReader): Generator<{ offset: number; head: Buffer }> {
  let offset = 0;
  let head: Buffer = Buffer.alloc(0);
  for (let at = 0; at < reader.length; ) {
    const window = readAt(reader, at, WINDOW);
    if (window.length === 0) break;
    for (let from = 0; from < window.length; ) {
      const end = window.indexOf(LINE_FEED, from);
      const to = end < 0 ? window.length : end;
      const more = window.subarray(from, Math.min(to, from + MOST_KEY - head.length));
      if (more.length > 0) head = Buffer.concat([head, more]);
      from = to + 1;
      if (end < 0) continue;
      yield { offset, head };
      offset = at + from;
      head = Buffer.alloc(0);
    }
    at += window.length;
  }
  if (offset < reader.length) yield { offset, head };
}
