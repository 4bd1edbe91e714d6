import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { CONFIDENCES, FORMATS, KINDS, SEVERITIES } from '../model/report.js';
import { type FlagType, parserOf } from './arguments.js';

/**
 * A flag as data. Help, parser, configuration key, its JSON Schema, shell completion and manual page all come from here.
 * The argument's name says what a shell completes: `<file>`, `<dir>`.
 */
export interface Flag {
  /** As commander writes it; the long name is the key in the configuration file. */
  flags: string;
  description: string;
  type: FlagType;
  choices?: readonly string[];
  default?: string | number;
  /** What a default that differs from machine to machine is called. */
  defaultText?: string;
  /** No key of the configuration file. */
  commandLineOnly?: true;
}

const RULES_FLAG: Flag = {
  flags: '--rules <dir>',
  description: 'add the rule files (*.yaml) of a folder (may be repeated)',
  type: 'paths',
};

export const RULE_FLAGS: readonly Flag[] = [
  RULES_FLAG,
  { flags: '--json', description: 'print JSON', type: 'switch' },
];

export const SCAN_FLAGS: readonly Flag[] = [
  {
    flags: '-f, --format <format>',
    description: 'format of the report on standard output',
    type: 'choice',
    choices: FORMATS,
    default: 'pretty',
  },
  {
    flags: '-o, --output <format=file>',
    description: 'also write a report to a file (may be repeated)',
    type: 'outputs',
  },
  RULES_FLAG,
  { flags: '--only <ids>', description: 'use only these rules (a,b, or repeated)', type: 'names' },
  {
    flags: '--with <ids>',
    description: 'also use these rules, which are not used unless somebody asks for them (a,b, or repeated)',
    type: 'names',
  },
  { flags: '--skip <ids>', description: 'leave these rules out (a,b, or repeated)', type: 'names' },
  {
    flags: '--only-signing',
    description: 'use only rules whose secrets can sign or forge',
    type: 'switch',
  },
  {
    flags: '--allow <file>',
    description:
      'keys and tokens that are known and do not count: certificate, public or private key, JWKS, SSH key, .env, Kubernetes Secret (may be repeated)',
    type: 'paths',
  },
  {
    flags: '--find <file>',
    description:
      'is this in there? certificate, public or private key, JWKS, SSH key, .env, Kubernetes Secret, sha256: of a public key (may be repeated)',
    type: 'paths',
  },
  {
    flags: '--expect-absent',
    description: 'only what --find asks for counts; implies --strict',
    type: 'switch',
  },
  {
    flags: '--baseline <file>',
    description: 'findings that were accepted before do not count',
    type: 'path',
  },
  {
    flags: '--write-baseline <file>',
    description: 'write what counts now, and what counts but for the baseline, as the next baseline',
    type: 'path',
  },
  {
    flags: '--fail-on <severity>',
    description: 'least severity that counts',
    type: 'choice',
    choices: SEVERITIES,
    default: 'high',
  },
  {
    flags: '--fail-on-kind <kinds>',
    description: 'only these kinds count (a,b, or repeated)',
    type: 'choices',
    choices: KINDS,
  },
  {
    flags: '--min-confidence <level>',
    description: 'least confidence that counts',
    type: 'choice',
    choices: CONFIDENCES,
    default: 'medium',
  },
  {
    flags: '--no-entropy-net',
    description: 'do not look for keys that stand as bare numbers',
    type: 'switch',
  },
  {
    flags: '--deep',
    description: 'search for bare numbers and look at floods of matches without a budget of work',
    type: 'switch',
  },
  {
    flags: '--exit-zero',
    description: 'findings do not fail the command; unread bytes still do',
    type: 'switch',
  },
  {
    flags: '--strict',
    description: 'missing memory, spent budgets, formats not parsed and links that lead outside give exit 2',
    type: 'switch',
  },
  {
    flags: '--if-no-files <what>',
    description: 'when a path or pattern holds no file',
    type: 'choice',
    choices: ['error', 'warn', 'ignore'],
    default: 'warn',
  },
  { flags: '--follow', description: 'follow links met in a folder', type: 'switch' },
  {
    flags: '--hash',
    description: 'report the SHA-256 of each file and of what it unpacks to',
    type: 'switch',
  },
  {
    flags: '-j, --jobs <n>',
    description: 'threads that sweep; from two on, the main one is one of them',
    type: 'count',
    default: availableParallelism(),
    defaultText: 'one a processor',
  },
  {
    flags: '--spool-dir <dir>',
    description: 'folder of the unlinked, encrypted spool for standard input and unpacked streams',
    type: 'path',
  },
  {
    flags: '--time-limit <seconds>',
    description: 'stop after so long; what was not read is reported and gives exit 2',
    type: 'seconds',
  },
  {
    flags: '--config <file>',
    description: 'configuration file (default: .dumpsieve.yaml, here or in a folder above)',
    type: 'path',
    commandLineOnly: true,
  },
  { flags: '--no-config', description: 'use no configuration file', type: 'switch', commandLineOnly: true },
  {
    flags: '--progress',
    description: 'show progress on standard error (default: on a terminal)',
    type: 'switch',
  },
  { flags: '--no-progress', description: 'show no progress', type: 'switch', commandLineOnly: true },
  { flags: '-q, --quiet', description: 'print no report on standard output', type: 'switch' },
  { flags: '--debug', description: 'print stacks of errors and timings; still no secret', type: 'switch' },
];

/** The row's commander option, without default and parser. */
export function optionOf({ flags, description }: Flag): Option {
  return new Option(flags, description);
}

/** The name of a flag in the configuration file: `entropy-net` also where the flag is `--no-entropy-net`. */
export function keyOf(option: Option): string {
  return option.negate ? option.name().slice('no-'.length) : option.name();
}

/**
 * Adds the table's flags to a command. Each switch also gets its opposite, with or without `no-`, which the help does not
 * list: it takes back what a configuration file says.
 */
export function addFlags(command: Command, table: readonly Flag[]): Command {
  const long = new Set(table.map((flag) => optionOf(flag).long));
  for (const flag of table) {
    const option = optionOf(flag);
    if (flag.choices) option.choices(flag.choices);
    if (flag.default !== undefined) option.default(flag.default, flag.defaultText);
    const parse = parserOf(flag.type, flag.choices);
    if (parse) option.argParser(parse);
    command.addOption(option);
    const opposite = option.negate ? `--${keyOf(option)}` : `--no-${option.name()}`;
    if (flag.type === 'switch' && !long.has(opposite)) command.addOption(new Option(opposite).hideHelp());
  }
  return command;
}
