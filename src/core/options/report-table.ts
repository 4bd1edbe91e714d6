import { type OptionRow, SCAN_OPTIONS } from './table.js';

/** The options of `report`. */
export const REPORT_OPTIONS = {
  format: SCAN_OPTIONS.format,
  output: SCAN_OPTIONS.output,
  since: {
    flag: '--since <file>',
    type: 'paths',
    reads: 'the file of --since',
    help: 'compare with this earlier report: what is new, moved and gone (may be repeated)',
    group: 'Report',
    commandOnly: true,
  },
  verbose: SCAN_OPTIONS.verbose,
  quiet: SCAN_OPTIONS.quiet,
  debug: SCAN_OPTIONS.debug,
} as const satisfies Record<string, OptionRow>;
