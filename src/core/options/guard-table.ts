import { type OptionRow, SCAN_OPTIONS } from './table.js';

/** The options of the verbs of `guard`. */
export const GUARD_OPTIONS = {
  policy: {
    flag: '--policy <file>',
    type: 'path',
    reads: 'the policy',
    help: 'the policy: which dumps may leave, and how',
    group: 'Files',
    default: '/etc/dumpsieve/guard.yaml',
    commandOnly: true,
  },
  once: {
    flag: '--once',
    type: 'switch',
    help: 'end when nothing is left to do',
    group: 'Files',
    commandOnly: true,
  },
  probe: {
    flag: '--probe',
    type: 'switch',
    help: 'also let a child crash, and wait at most 5 s for its dump',
    group: 'Files',
    commandOnly: true,
  },
  why: {
    flag: '--why',
    type: 'switch',
    help: 'say of each dump, rule by rule, why it is where it is',
    group: 'Report',
    commandOnly: true,
  },
  all: {
    flag: '--all',
    type: 'switch',
    help: 'list dumps that are no longer there, too: dropped or expired',
    group: 'Report',
    commandOnly: true,
  },
  reason: {
    flag: '--reason <text>',
    type: 'text',
    help: 'why it is handed over: for the log, which gets it masked',
    group: 'Copy',
    commandOnly: true,
  },
  output: {
    flag: '-o, --output <file>',
    type: 'path',
    help: 'new file for the sealed dump, - for standard output',
    group: 'Copy',
    commandOnly: true,
  },
  json: { flag: '--json', type: 'switch', help: 'print JSON', group: 'Report', commandOnly: true },
  debug: SCAN_OPTIONS.debug,
} as const satisfies Record<string, OptionRow>;
