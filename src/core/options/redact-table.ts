import { type LibraryOptionsOf, type OptionRow, SCAN_OPTIONS } from './table.js';

/** What a copy keeps. */
export const KEEPS = ['all', 'backtrace'] as const;

/** What becomes of names of files, modules and threads in a copy. */
const PATHS = ['keep', 'hash'] as const;

/** How much a manifest says of each place. */
const DETAILS = ['full', 'brief'] as const;

/** The options of `redact`, by their names in the library. */
export const REDACT_OPTIONS = {
  /** File of the copy; `-` for a stream. */
  output: {
    flag: '-o, --output <file>',
    type: 'path',
    help: 'file of the copy, - for standard output (with --manifest), or folder of the copies of a folder',
    group: 'Copy',
  },
  /** What the copy keeps. Default all. */
  keep: {
    flag: '--keep <what>',
    type: 'choice',
    help:
      'what the copy keeps: all (but every place of every finding), or backtrace (what unwinding needs, of ' +
      'heaps the graph of objects, and nothing else)',
    group: 'Copy',
    choices: KEEPS,
    default: 'all',
  },
  /** Replace the output if it is there. Default false. */
  force: {
    flag: '--force',
    type: 'switch',
    help: 'replace the output if it is there',
    group: 'Copy',
  },
  /** Names of files, modules and threads stay, or are replaced by hashes. Default keep. */
  paths: {
    flag: '--paths <how>',
    type: 'choice',
    help: 'names of files, modules and threads: keep, or hash (of the same length)',
    group: 'Copy',
    choices: PATHS,
    default: 'keep',
  },
  /** Copy dumps of 32-bit processes, in which data often looks like an address. Default false. */
  accept32bit: {
    flag: '--accept-32bit',
    type: 'switch',
    help: 'copy dumps of 32-bit processes too, in which some words of data may look like addresses',
    group: 'Copy',
  },
  /** The program that was dumped, for the stacks of all goroutines of Go. */
  exe: {
    flag: '--exe <file>',
    type: 'path',
    reads: 'the file of --exe',
    help: 'the program that was dumped: Go needs it for goroutines that were not running',
    group: 'Copy',
  },
  /** The byte that fills places of findings. Default 0; `*` in text. */
  fill: {
    flag: '--fill <byte>',
    type: 'byte',
    help: 'byte that fills the places of findings, such as 0x2a (0 unless given; in text and JSON *)',
    group: 'Copy',
  },
  /** Files of keys and tokens that stay in the copy. */
  keepAllowed: {
    flag: '--keep-allowed <file>',
    type: 'paths',
    reads: 'the file of --keep-allowed',
    help:
      'keys and tokens that stay in the copy: certificate or request, public or private key, JWKS, SSH ' +
      'key, .env, list of values, Kubernetes Secret, or a folder of them (may be repeated)',
    group: 'Known and searched-for secrets',
  },
  find: {
    ...SCAN_OPTIONS.find,
    help:
      'also fill exactly these: private key, JWKS, SSH key, .env, list of values, Kubernetes Secret, or a ' +
      'folder of them (may be repeated)',
  },
  ruleFolders: SCAN_OPTIONS.ruleFolders,
  with: SCAN_OPTIONS.with,
  effort: SCAN_OPTIONS.effort,
  /** Names of `coverage.limits` that do not prevent the copy. */
  acceptLimits: {
    ...SCAN_OPTIONS.acceptLimits,
    help: 'searches that may end at a limit, so that there is a copy all the same (a,b, or repeated)',
  },
  jobs: SCAN_OPTIONS.jobs,
  /** Folder of the unlinked, encrypted spool. Default: that of the system's temporary files. */
  spoolDir: SCAN_OPTIONS.spoolDir,
  /** File of the manifest. Default: that of the copy and `.manifest.json`. */
  manifest: {
    flag: '--manifest <file>',
    type: 'path',
    help: 'file of the manifest (default: that of the copy and .manifest.json)',
    group: 'Manifest',
  },
  /** `brief`: without places and lengths of what was filled, which tell the sizes of keys. Default full. */
  manifestDetail: {
    flag: '--manifest-detail <how>',
    type: 'choice',
    help: 'full, or brief (without places and lengths of what was filled: those tell sizes of keys)',
    group: 'Manifest',
    choices: DETAILS,
    default: 'full',
  },
  /** Put the SHA-256 of the input into the manifest: it confirms a guess of the input. Default false. */
  hashInput: {
    flag: '--hash-input',
    type: 'switch',
    help: 'put the SHA-256 of the input into the manifest; it confirms a guess of the whole input',
    group: 'Manifest',
  },
  /** File of the key that signs the manifest: Ed25519 as PKCS#8 PEM, or of minisign without a password. */
  sign: {
    flag: '--sign <file>',
    type: 'path',
    reads: 'the key of --sign',
    help: 'sign the manifest with a key: Ed25519 as PKCS#8 PEM, or of minisign without a password',
    group: 'Manifest',
  },
  progress: SCAN_OPTIONS.progress,
  noProgress: SCAN_OPTIONS.noProgress,
  quiet: {
    flag: '-q, --quiet',
    type: 'switch',
    help: 'print no summary',
    group: 'Report',
    commandOnly: true,
  },
  debug: {
    flag: '--debug',
    type: 'switch',
    help: 'print stacks of errors, without secrets',
    group: 'Program',
    commandOnly: true,
  },
} as const satisfies Record<string, OptionRow>;

/** Options that only one kind of copy has. */
export const OPTIONS_OF: Readonly<Record<(typeof KEEPS)[number], readonly (keyof typeof REDACT_OPTIONS)[]>> =
  {
    all: ['fill', 'keepAllowed', 'find', 'ruleFolders', 'with', 'effort', 'acceptLimits'],
    backtrace: ['paths', 'accept32bit', 'exe'],
  };

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
