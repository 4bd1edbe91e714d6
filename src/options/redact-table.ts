import { type OptionRow, SCAN_OPTIONS } from './table.js';

/** What a copy keeps. */
const KEEPS = ['backtrace'] as const;

/** What becomes of names of files, modules and threads in a copy. */
const PATHS = ['keep', 'hash'] as const;

/** The options of `redact`, by their names in the library. */
export const REDACT_OPTIONS = {
  /** File of the copy. */
  output: {
    flag: '-o, --output <file>',
    type: 'path',
    help: 'file of the copy',
    group: 'Copy',
  },
  /** What the copy keeps. */
  keep: {
    flag: '--keep <what>',
    type: 'choice',
    help: 'what the copy keeps: backtrace (what unwinding needs; of heaps the graph of objects)',
    group: 'Copy',
    choices: KEEPS,
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
    help: 'the program that was dumped: Go needs it for goroutines that were not running',
    group: 'Copy',
  },
  progress: SCAN_OPTIONS.progress,
  noProgress: SCAN_OPTIONS.noProgress,
  quiet: {
    flag: '-q, --quiet',
    type: 'switch',
    help: 'print no summary on standard output',
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
