import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CONFIDENCES, KINDS, SEVERITIES } from '../model.js';

/** A flag as data: the help text, the parser and the default of one option of `scan`. */
interface Flag {
  flags: string;
  description: string;
  choices?: readonly string[];
  default?: unknown;
  parse?: (value: string, previous: unknown) => unknown;
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 on is needed');
  return number;
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1e6)) throw new InvalidArgumentError('a number of seconds above 0 is needed');
  return number;
}

/** Collects a flag that may be given several times. */
function append(value: string, previous: unknown): string[] {
  return [...(Array.isArray(previous) ? (previous as string[]) : []), value];
}

/** Collects a flag that may be given several times or with commas. */
function list(value: string, previous: unknown): string[] {
  const parts = value.split(',').filter((part) => part !== '');
  return parts.reduce<string[]>((all, part) => append(part, all), (previous ?? []) as string[]);
}

function kinds(value: string, previous: unknown): string[] {
  const all = list(value, previous);
  const wrong = all.find((kind) => !(KINDS as readonly string[]).includes(kind));
  if (wrong !== undefined) throw new InvalidArgumentError(`kinds are ${KINDS.join(', ')}`);
  return all;
}

const RULES_FLAG: Flag = {
  flags: '--rules <dir>',
  description: 'add the rule files (*.yaml) of a folder',
  parse: append,
};

export const RULE_FLAGS: readonly Flag[] = [RULES_FLAG, { flags: '--json', description: 'print JSON' }];

export const SCAN_FLAGS: readonly Flag[] = [
  {
    flags: '-f, --format <format>',
    description: 'format of the report on standard output',
    choices: ['pretty', 'json', 'ndjson'],
    default: 'pretty',
  },
  {
    flags: '-o, --output <format=file>',
    description: 'also write a report to a file (may be repeated)',
    parse: append,
  },
  RULES_FLAG,
  { flags: '--only <ids>', description: 'use only these rules', parse: list },
  { flags: '--skip <ids>', description: 'leave these rules out', parse: list },
  { flags: '--only-signing', description: 'use only rules whose secrets can sign or forge' },
  {
    flags: '--fail-on <severity>',
    description: 'least severity that counts',
    choices: SEVERITIES,
    default: 'high',
  },
  { flags: '--fail-on-kind <kinds>', description: 'only these kinds count', parse: kinds },
  {
    flags: '--min-confidence <level>',
    description: 'least confidence that counts',
    choices: CONFIDENCES,
    default: 'medium',
  },
  { flags: '--exit-zero', description: 'findings do not fail the command; unread bytes still do' },
  {
    flags: '--strict',
    description: 'missing memory, spent budgets, formats not parsed and links that lead outside give exit 2',
  },
  {
    flags: '--if-no-files <what>',
    description: 'when a path or pattern holds no file',
    choices: ['error', 'warn', 'ignore'],
    default: 'warn',
  },
  { flags: '--follow', description: 'follow links met in a folder' },
  {
    flags: '-j, --jobs <n>',
    description: 'worker threads',
    parse: positive,
    default: availableParallelism(),
  },
  {
    flags: '--spool-dir <dir>',
    description: 'folder of the unlinked, encrypted spool for standard input and unpacked streams',
  },
  {
    flags: '--time-limit <seconds>',
    description: 'stop after so long; what was not read is reported and gives exit 2',
    parse: seconds,
  },
  { flags: '--progress', description: 'show progress on standard error (default: on a terminal)' },
  { flags: '--no-progress', description: 'show no progress' },
  { flags: '-q, --quiet', description: 'print no report on standard output' },
  { flags: '--debug', description: 'print stacks of errors and timings; still no secret' },
];

/** Adds the table's flags to a command. */
export function addFlags(command: Command, table: readonly Flag[]): Command {
  for (const flag of table) {
    const option = new Option(flag.flags, flag.description);
    if (flag.choices) option.choices(flag.choices);
    if (flag.default !== undefined) option.default(flag.default);
    if (flag.parse) option.argParser(flag.parse);
    command.addOption(option);
  }
  return command;
}
