import { REDACT_OPTIONS } from './redact-table.js';
import { type LibraryOptionsOf, type OptionRow, SCAN_OPTIONS } from './table.js';

/** The options of `verify`, by their names in the library. */
export const VERIFY_OPTIONS = {
  /** The public half of the key that signed: a file, or minisign's line. */
  key: {
    flag: '--key <file>',
    type: 'path',
    reads: 'the key of --key',
    help: "public half of the key that signed: minisign's file or the line in it, or Ed25519 as PEM",
    group: 'Manifest',
  },
  /** A head of the guard's log that was kept elsewhere: a file, or a line that was printed. */
  since: {
    flag: '--since <head>',
    type: 'path',
    reads: 'the head of --since',
    help: "of a guard's log: heads kept elsewhere (a file, such as lines of the journal, or the line)",
    group: 'Manifest',
    commandOnly: true,
  },
  progress: SCAN_OPTIONS.progress,
  noProgress: SCAN_OPTIONS.noProgress,
  quiet: {
    ...REDACT_OPTIONS.quiet,
    help: 'print nothing on standard output',
  },
  debug: REDACT_OPTIONS.debug,
} as const satisfies Record<string, OptionRow>;

/** Options of `verify` that the table lists. */
export type VerifyTable = LibraryOptionsOf<typeof VERIFY_OPTIONS>;

/** Options of `verify`. */
export interface VerifyOptions extends VerifyTable {
  /** The manifest; its signature is the file with the same name and `.minisig`. Bytes: not UTF-8. */
  manifest: string | Uint8Array;
  /** The copy. */
  file: string | Uint8Array;
  key: string;
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: (progress: { bytes: number; total: number }) => void;
}

/** Options of `verifyFolder`. */
export interface VerifyFolderOptions extends Omit<VerifyOptions, 'manifest' | 'file'> {
  /** The folder of the copies, each with its manifest and signature beside it. */
  folder: string | Uint8Array;
}

/** Options of `verifyLog`. */
export interface VerifyLogOptions {
  /** The log; its head and the signature lie beside it (`log.head`, `log.head.minisig`). */
  log: string | Uint8Array;
  /** The public half of the key that signed: a file, or minisign's line. */
  key: string;
  /** A head that was kept elsewhere: the file of a head, any text with lines of heads, or such a line. */
  since?: string;
}
