/**
 * The types of options: what a library caller passes for each. `choice` is one of the row's words, `choices`
 * several; `path`, `paths` and `outputs` (FORMAT=FILE) name files or folders; `globs` match names.
 */
export interface OptionValues {
  switch: boolean;
  choice: string;
  choices: readonly string[];
  text: string;
  names: readonly string[];
  path: string;
  paths: readonly string[];
  outputs: readonly string[];
  globs: readonly string[];
  count: number;
  byte: number;
  seconds: number;
}

export type OptionType = keyof OptionValues;

/** Longest time limit, in seconds: timers of more than 2^31 ms fire at once. */
export const LONGEST_SECONDS = 1e6;

/** What an option may be, in words and as a test. */
export interface OptionCheck {
  allowed: string;
  holds(value: unknown): boolean;
}

export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const isList = (value: unknown, holds: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

const TEXT: OptionCheck = { allowed: 'text that is not empty', holds: isText };
const TEXTS: OptionCheck = { allowed: 'a list of texts', holds: (value) => isList(value, isText) };

/** The check of a library caller's value, by the type of its option. */
export const CHECKS: Record<OptionType, (words: readonly string[]) => OptionCheck> = {
  switch: () => ({ allowed: 'true or false', holds: (value) => typeof value === 'boolean' }),
  choice: (words) => ({
    allowed: `one of ${words.join(', ')}`,
    holds: (value) => words.includes(value as string),
  }),
  choices: (words) => ({
    allowed: `a list of ${words.join(', ')}`,
    holds: (value) => isList(value, (each) => words.includes(each as string)),
  }),
  text: () => TEXT,
  names: () => TEXTS,
  path: () => TEXT,
  paths: () => TEXTS,
  outputs: () => TEXTS,
  globs: () => TEXTS,
  count: () => ({
    allowed: 'a whole number from 1 on',
    holds: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  }),
  byte: () => ({
    allowed: 'a whole number from 0 to 255',
    holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255,
  }),
  seconds: () => ({
    allowed: `a number of seconds above 0 and up to ${LONGEST_SECONDS}`,
    holds: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_SECONDS,
  }),
};

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
