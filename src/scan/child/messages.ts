import { DumpsieveError, type Notice, reasonOf } from '../../core/base/runtime/errors.js';
import type { RunFacts, ScanEvent } from '../../core/model/report.js';
import type { RedactOptions, ScannerOptions, ScanProgress } from '../../core/options/check-options.js';

/** Bytes in the spool of a child, which its caller has encrypted with AES-256-CTR, counter 0 at offset 0. */
export interface SealedBytes {
  /** 32 bytes, for one spooling: overwritten in the child when the scan ends. */
  key: Uint8Array;
  /** Number of bytes, from the beginning of the file on. */
  length: number;
  /** Hexadecimal SHA-256 of the bytes, if it is known: the option `hash` takes it over. */
  sha256?: string;
}

/** A source in the spool of a {@link ScanChild}. */
export interface SealedSource {
  /** Takes the place of a path. */
  name: string;
  mtime?: Date;
  sealed: SealedBytes;
}

/**
 * A source as a child gets it: a path that it opens, a name whose bytes are in its spool, or one whose bytes
 * come as frames (frames.ts).
 */
export type SentSource = { path: string | Uint8Array } | SealedSource | { name: string; mtime?: Date };

/** What a scanner answers, one at a time. Relative paths mean `folder`, the working folder of the caller. */
export type ScannerRequest =
  | { type: 'open'; folder: string; options: ScannerOptions }
  | { type: 'scan'; folder: string; source: SentSource; progress: boolean };

/** A redacted copy of the stream that comes as frames, in the working folder of the child. */
export interface CopyRequest {
  type: 'copy';
  options: CopyOptions;
}

/** Options of a copy that the caller of a child chooses. */
export type CopyOptions = Pick<RedactOptions, 'keep' | 'acceptLimits'>;

export type Request = ScannerRequest | CopyRequest;

/** Messages to a child. `request`: its number, which all messages of its answer have. */
export type ToChild<Asked extends Request = Request> =
  | (Asked & { request: number })
  | { type: 'abort'; reason: string | undefined }
  /** Number of events that the caller has read: a child sends at most {@link AHEAD} more. */
  | { type: 'taken'; count: number };

export type Answer =
  | { type: 'opened'; tool: RunFacts['tool'] }
  /** Before anything of the source is read: an end before it has another cause. */
  | { type: 'started' }
  | { type: 'events'; events: ScanEvent[] }
  | { type: 'progress'; progress: ScanProgress }
  | { type: 'done' }
  /** The error of `open`, or of a scan. */
  | { type: 'failed'; notice: Notice; exit: 1 | 2 | 3 };

export type FromChild = Answer & { request: number };

/** The last messages of an answer: its child is free then. */
export const LAST: ReadonlySet<Answer['type']> = new Set(['opened', 'done', 'failed']);

const INTERNAL: Readonly<Record<Request['type'], string>> = {
  open: 'the scanner of the child could not be opened',
  scan: 'the scan of the child ended by an internal error',
  copy: 'the copy of the child ended by an internal error',
};

/** The answer to a request that failed. The text of an error that is not our own may be of the dump. */
export function failed(type: Request['type'], error: unknown): Answer {
  if (error instanceof DumpsieveError) return { type: 'failed', notice: error.notice(), exit: error.exit };
  return { type: 'failed', notice: { code: 'internal-error', message: INTERNAL[type] }, exit: 3 };
}

/** A working folder that is gone, or that may not be entered. */
export function noFolder(error: unknown): DumpsieveError {
  const message = `the working folder cannot be used (${reasonOf(error)})`;
  const hint = 'relative paths need it: change to a folder that exists';
  return new DumpsieveError({ code: 'no-working-folder', message, hint }, 2);
}

/** Events that may be on their way. */
export const AHEAD = 64;

/** File descriptor of a child's frames and of its last word. */
export const FRAMES = 3;
/** File descriptor of a child's spool. */
export const SPOOL = 5;
/** The last word of a child that has exceeded its memory. */
export const OUT_OF_MEMORY = 'm';
