import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { decodeText } from '../../core/base/text/escape.js';
import { NO_HASH } from './head-files.js';

/** What a line of the log says of one event. Never a secret, a fingerprint or an argument. */
export interface LogEntry {
  event: string;
  /** Id of the dump. */
  dump?: string;
  [field: string]: unknown;
}

/** An entry as the log has it. */
export interface LogRecord extends LogEntry {
  /** Number of its line, from 1. The order of events; times come from a clock that may be set back. */
  seq: number;
  /** SHA-256 of the line before with its line feed, in hexadecimal. */
  prev: string;
  /** ISO 8601, UTC. */
  time: string;
  /** First 8 hexadecimal digits of the boot's id. */
  boot: string;
}

/** Octets of a line at most, its line feed included. */
export const LONGEST_LINE = 64 * 1024;

const LF = 0x0a;

/** How far the lines of a log follow from each other. */
class Chain {
  /** Lines so far. */
  count = 0;
  /** SHA-256 of the last line, in hexadecimal. */
  hash = NO_HASH;

  /** Adds a line with its line feed; undefined, and nothing is added, if it does not follow. */
  add(line: Uint8Array): LogRecord | undefined {
    const record = recordOf(line);
    if (record === undefined || record.seq !== this.count + 1 || record.prev !== this.hash) return undefined;
    this.count++;
    this.hash = createHash('sha256').update(line).digest('hex');
    return record;
  }
}

function recordOf(line: Uint8Array): LogRecord | undefined {
  // `decodeText` gives no text for bytes that are not UTF-8: no two lines may be read as the same.
  const text = decodeText(line.subarray(0, -1));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is LogRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, prev, time, boot, event } = value as Partial<Record<keyof LogRecord, unknown>>;
  return typeof seq === 'number' && [prev, time, boot, event].every((field) => typeof field === 'string');
}

/** What a walk through a log has found. */
export interface ChainWalk {
  /** Lines that follow from each other, from the first one on, and the hash of the last of them. */
  count: number;
  hash: string;
  /** Octets of these lines. */
  length: number;
  /** Octets of a last line that has no line feed: its writer was killed, or the disk was full. */
  torn: number;
  /** True if a line after them does not follow. */
  isBroken: boolean;
}

/** Octets of one read. */
const CHUNK = 256 * 1024;

const readAt = promisify(fs.read);

/**
 * Reads the first `size` octets of a log as lines, each with its line feed, and a last one without if there
 * is one. A line that is longer than {@link LONGEST_LINE} comes without its line feed and ends the walk.
 */
async function* linesOf(fd: number, size: number): AsyncGenerator<Uint8Array[], void, void> {
  let rest: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < size; ) {
    const chunk = Buffer.alloc(Math.min(CHUNK, size - at));
    const { bytesRead } = await readAt(fd, chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      lines.push(bytes.subarray(start, end + 1));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    yield lines;
    if (rest.length > LONGEST_LINE) break;
  }
  if (rest.length > 0) yield [rest];
}

/** Follows the chain through a log, up to its end or the first line that does not follow. */
export async function walkChain(
  fd: number,
  size: number,
  onLine: (record: LogRecord, hash: string) => void = () => {},
): Promise<ChainWalk> {
  const chain = new Chain();
  let length = 0;
  let torn = 0;
  let isBroken = false;
  for await (const lines of linesOf(fd, size)) {
    for (const line of lines) {
      const isWhole = line.at(-1) === LF;
      const record = isWhole && line.length <= LONGEST_LINE ? chain.add(line) : undefined;
      if (record === undefined) {
        torn = isWhole ? 0 : line.length;
        isBroken = isWhole || line.length > LONGEST_LINE;
        return { count: chain.count, hash: chain.hash, length, torn, isBroken };
      }
      length += line.length;
      onLine(record, chain.hash);
    }
  }
  return { count: chain.count, hash: chain.hash, length, torn, isBroken };
}

/** The entries of a log that a walk has found whole. */
export async function* recordsOf(fd: number, size: number): AsyncGenerator<LogRecord, void, void> {
  for await (const lines of linesOf(fd, size)) for (const line of lines) yield recordOf(line)!;
}
