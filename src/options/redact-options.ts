import type { REDACT_OPTIONS } from './redact-table.js';
import type { LibraryOptionsOf } from './table.js';

/** Options of a copy that the table lists. */
export type RedactTable = LibraryOptionsOf<typeof REDACT_OPTIONS>;

/** Bytes of the copy that were proven so far, and of the whole copy. */
export interface RedactProgress {
  bytes: number;
  total: number;
}

/** Options of a copy (src/options/redact-table.ts). */
export interface RedactOptions extends RedactTable {
  /** The dump; bytes where its name is not UTF-8. */
  input: string | Uint8Array;
  output: string;
  keep: NonNullable<RedactTable['keep']>;
  /** Ends the copy: it rejects with the signal's reason, and there is no output. */
  signal?: AbortSignal;
  onProgress?: (progress: RedactProgress) => void;
}
