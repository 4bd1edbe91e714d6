import { type OptionRow, SCAN_OPTIONS } from './table.js';

/** The options of the verbs of `baseline`. */
export const BASELINE_OPTIONS = {
  reason: {
    flag: '--reason <text>',
    type: 'text',
    help: 'why the finding is accepted',
    group: 'Known and searched-for secrets',
    commandOnly: true,
  },
  owner: {
    flag: '--owner <who>',
    type: 'text',
    help: 'who answers for it',
    group: 'Known and searched-for secrets',
    commandOnly: true,
  },
  expires: {
    flag: '--expires <date>',
    type: 'text',
    help: 'when it fails the gate again: a date (2027-01-31), or a time from now (30d, 8w, 6m, 1y)',
    group: 'Known and searched-for secrets',
    commandOnly: true,
  },
  from: {
    flag: '--from <file>',
    type: 'paths',
    reads: 'the file of --from',
    help: 'saved report, JSON or ndjson (may be repeated)',
    group: 'Known and searched-for secrets',
    commandOnly: true,
  },
  baseline: {
    flag: '--baseline <file>',
    type: 'path',
    help: 'the baseline (default: that of .dumpsieve.yaml)',
    group: 'Known and searched-for secrets',
    commandOnly: true,
  },
  json: { flag: '--json', type: 'switch', help: 'print JSON', group: 'Report', commandOnly: true },
  config: SCAN_OPTIONS.config,
  noConfig: SCAN_OPTIONS.noConfig,
} as const satisfies Record<string, OptionRow>;
