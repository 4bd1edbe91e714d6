import type { REDACT_OPTIONS } from './redact-table.js';
import type { LibraryOptionsOf } from './table.js';

/** Options of a copy that the table lists. */
export type RedactTable = LibraryOptionsOf<typeof REDACT_OPTIONS>;

/** Bytes of the present step so far, and of the whole step: of the last one for `keep: 'backtrace'`. */
export interface RedactProgress {
  bytes: number;
  total: number;
  /** Phase of `keep: 'all'`: scanning, writing, or reading back. */
  phase?: 'scan' | 'write' | 'prove';
  /** Of a scan: 0 for the dump itself, then one for each scan of what would be left. */
  round?: number;
}

/** Options of copies of a folder: `input` and `output` are folders. */
export type FolderOptions = Omit<RedactOptions, 'manifest' | 'stdin' | 'stdout'>;

/** Options of a copy (src/core/options/redact-table.ts). */
export interface RedactOptions extends RedactTable {
  /** The dump; bytes where its name is not UTF-8. `-`: standard input. */
  input: string | Uint8Array;
  /** File of the copy. `-`: `stdout`; then `manifest` is needed. */
  output: string;
  /** Bytes of the input `-`. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Where the output `-` goes, when it is proven. It is not ended. */
  stdout?: NodeJS.WritableStream;
  /** Ends the copy: it rejects with the signal's reason, and there is no output. */
  signal?: AbortSignal;
  onProgress?: (progress: RedactProgress) => void;
}
