import type { OptionType } from './option-types.js';

/**
 * An option as one row. The command line's parser, the configuration key and its JSON Schema, the library's
 * type and check, help, manual page and shell completion all come from it.
 */
export interface OptionRow {
  /**
   * The flag as commander writes it; its long name is the key in the configuration file. The argument's name
   * says what a shell completes: `<file>`, `<dir>`.
   */
  flag: string;
  type: OptionType;
  /** One line for help, manual page and schema. */
  help: string;
  group: OptionGroup;
  choices?: readonly string[];
  default?: string | number;
  /** What a default that differs from machine to machine is called. */
  defaultText?: string;
  /** Read by the command alone: no option of the library. */
  commandOnly?: true;
  /**
   * A switch for the value of another option that has its name. Given on the command line, either outranks
   * both in the configuration file.
   */
  aliasOf?: 'effort';
  /** No key of the configuration file. */
  commandLineOnly?: true;
  /** What its files are, as messages say it, if they are read: no output may replace them. */
  reads?: string;
}

/** Headings under which the help lists options, in this order. */
export const OPTION_GROUPS = [
  'Store',
  'Question',
  'Copy',
  'Manifest',
  'Report',
  'Rules',
  'Known and searched-for secrets',
  'Exit status',
  'Search',
  'Files',
  'Program',
] as const;
type OptionGroup = (typeof OPTION_GROUPS)[number];
