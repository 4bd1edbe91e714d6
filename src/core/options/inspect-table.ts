import { type LibraryOptionsOf, type OptionRow, SCAN_OPTIONS } from './table.js';

/** The options of `inspect`, by their names in the library. */
export const INSPECT_OPTIONS = {
  format: {
    flag: '-f, --format <format>',
    type: 'choice',
    help: 'format of what is printed',
    group: 'Report',
    choices: ['pretty', 'json'],
    default: 'pretty',
    commandOnly: true,
  },
  verbose: {
    flag: '--verbose',
    type: 'switch',
    help: 'list all modules, missing ranges and parts of the file',
    group: 'Report',
    commandOnly: true,
  },
  archivePasswordFile: SCAN_OPTIONS.archivePasswordFile,
  spoolDir: SCAN_OPTIONS.spoolDir,
  debug: SCAN_OPTIONS.debug,
} as const satisfies Record<string, OptionRow>;

/** Options of `inspect`. */
export interface InspectOptions extends LibraryOptionsOf<typeof INSPECT_OPTIONS> {
  /** A dump, a container with dumps, a folder, or `-`; bytes where a name is not UTF-8. */
  path: string | Uint8Array;
  /** `0x…`: an address, or an offset where the dump has none; a decimal number or `+0x…`: an offset. */
  place?: string;
  /** Where `-` reads from. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal;
}
