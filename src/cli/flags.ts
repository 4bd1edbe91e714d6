import { type Command, InvalidArgumentError, Option } from 'commander';
import { INSPECT_OPTIONS } from '../core/options/inspect-table.js';
import { LONGEST_SECONDS, type OptionType } from '../core/options/option-types.js';
import { REDACT_OPTIONS, VERIFY_OPTIONS } from '../core/options/redact-table.js';
import { REPORT_OPTIONS } from '../core/options/report-table.js';
import { OPTION_GROUPS, type OptionRow, SCAN_OPTIONS } from '../core/options/table.js';

const ROWS: Readonly<Record<keyof typeof SCAN_OPTIONS, OptionRow>> = SCAN_OPTIONS;

/** Rows by groups, as the help lists them. */
export const inGroups = (rows: readonly OptionRow[]): OptionRow[] =>
  OPTION_GROUPS.flatMap((group) => rows.filter((row) => row.group === group));

const byGroups = (table: Readonly<Record<string, OptionRow>>): OptionRow[] => inGroups(Object.values(table));

export const SCAN_FLAGS: readonly OptionRow[] = byGroups(ROWS);
export const REDACT_FLAGS: readonly OptionRow[] = byGroups(REDACT_OPTIONS);
export const INSPECT_FLAGS: readonly OptionRow[] = byGroups(INSPECT_OPTIONS);
export const VERIFY_FLAGS: readonly OptionRow[] = byGroups(VERIFY_OPTIONS);
export const REPORT_FLAGS: readonly OptionRow[] = byGroups(REPORT_OPTIONS);

export const RULE_FLAGS: readonly OptionRow[] = [
  ROWS.ruleFolders,
  { flag: '--json', help: 'print JSON', type: 'switch', group: 'Report' },
];

/** Flags of verbs for several rules. */
export const SELECTION_FLAGS: readonly OptionRow[] = [ROWS.only, ROWS.skip];

export const CORPUS_FLAGS: readonly OptionRow[] = [
  {
    flag: '--corpus <dir>',
    type: 'paths',
    help: 'also run the rules over files without secrets, and say what each rule and anchor costs',
    group: 'Rules',
  },
];

/** The commander option of a row, without default and parser. */
export function optionOf({ flag, help }: OptionRow): Option {
  return new Option(flag, help);
}

/** The configuration key of a flag: `entropy-net` for `--no-entropy-net`. */
export function keyOf(option: Option): string {
  return option.negate ? option.name().slice('no-'.length) : option.name();
}

/**
 * Adds the table's flags to a command. Each switch also gets its opposite, with or without `no-`, to override
 * a configuration file; the help does not list it. `headings`: the help lists the flags by group.
 */
export function addFlags(command: Command, table: readonly OptionRow[], headings = false): Command {
  const long = new Set(table.map((flag) => optionOf(flag).long));
  for (const flag of table) {
    const option = optionOf(flag);
    if (flag.choices) option.choices(flag.choices);
    if (flag.default !== undefined) option.default(flag.default, flag.defaultText);
    const parse = parserOf(flag.type, flag.choices);
    if (parse) option.argParser(parse);
    command.addOption(headings ? option.helpGroup(`${flag.group}:`) : option);
    const opposite = option.negate ? `--${keyOf(option)}` : `--no-${option.name()}`;
    if (flag.type === 'switch' && !long.has(opposite)) command.addOption(new Option(opposite).hideHelp());
  }
  return command;
}

/**
 * The values that commander has read, by their rows' names in the table and in the order given. A row and its
 * opposite (`progress`, `noProgress`) are one attribute, with the name of the first.
 */
export function valuesOf<Values>(command: Command, table: Readonly<Record<string, OptionRow>>): Values {
  const names = new Map<string, string>();
  for (const [name, row] of Object.entries(table)) {
    const attribute = optionOf(row).attributeName();
    if (!names.has(attribute)) names.set(attribute, name);
  }
  const given = Object.entries(command.opts());
  return Object.fromEntries(
    given.map(([attribute, value]) => [names.get(attribute) ?? attribute, value]),
  ) as Values;
}

/** Reads a flag's argument from the command line. `earlier`: the value of the same flag given before. */
type Parse = (value: string, earlier: unknown) => unknown;

function count(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 on is needed');
  return number;
}

function byte(value: string): number {
  const number = /^(?:0x[0-9a-f]{1,2}|\d{1,3})$/i.test(value) ? Number(value) : Number.NaN;
  if (!(number <= 255)) throw new InvalidArgumentError('a number from 0 to 255 is needed, such as 0x2a');
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= LONGEST_SECONDS))
    throw new InvalidArgumentError(`a number of seconds above 0 and up to ${LONGEST_SECONDS} is needed`);
  return number;
}

function append(value: string, earlier: unknown): string[] {
  return [...(Array.isArray(earlier) ? (earlier as string[]) : []), value];
}

function list(value: string, earlier: unknown): string[] {
  const parts = value.split(',').filter((part) => part !== '');
  return parts.reduce<string[]>((all, part) => append(part, all), (earlier ?? []) as string[]);
}

/**
 * The parser of each type of option. `choices` and `names` take several words, with commas or by repeating
 * the flag. Without a parser commander takes the text as it is.
 */
const PARSERS: Record<OptionType, Parse | undefined> = {
  switch: undefined,
  choice: undefined,
  choices: list,
  text: undefined,
  names: list,
  path: undefined,
  paths: append,
  outputs: append,
  globs: append,
  count,
  byte,
  seconds,
};

/** The parser of a flag. With `choices` it checks every word against them. */
function parserOf(type: OptionType, choices: readonly string[] = []): Parse | undefined {
  const parse = PARSERS[type];
  if (type !== 'choices') return parse;
  return (value, earlier) => {
    const words = list(value, earlier);
    if (!words.every((word) => choices.includes(word)))
      throw new InvalidArgumentError(`allowed are ${choices.join(', ')}`);
    return words;
  };
}
