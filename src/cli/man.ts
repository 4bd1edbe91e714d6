import type { Command, Help, Option } from 'commander';
import { CONFIG_NAME } from './config.js';
import { EXIT_MEANINGS, examplesOf } from './help.js';

/** Date of the page (man(7)): fixed, so that builds are reproducible. */
const REVISED = '2026-12-02';

/** Escapes text for roff: backslashes, hyphens and leading dots are commands there. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
  return escaped.replace(/^(?=[.'])/gm, '\\&');
}

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
const italic = (text: string): string => `\\fI${roff(text)}\\fR`;

/** A term and its definition. */
function entry(term: string, text: string): string[] {
  return ['.TP', term, roff(text) || '\\&'];
}

/** `-f, --format <format>`: names bold, the argument's name italic. */
function flagTerm(flags: string): string {
  return flags
    .split(/([<[].*?[>\]])/)
    .map((part) => (/^[<[]/.test(part) ? italic(part.slice(1, -1)) : bold(part)))
    .join('');
}

function flagEntry(option: Option, help: Help): string[] {
  return entry(flagTerm(option.flags), sentence(help.optionDescription(option)));
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function examples(command: Command): string[] {
  return examplesOf(command).flatMap(([line, purpose]) =>
    entry(bold(`$ ${line}`), purpose === undefined ? '' : sentence(purpose)),
  );
}

/** Neighbours under one heading of the help. */
function groupsOf(options: readonly Option[]): [heading: string | undefined, options: Option[]][] {
  const groups: [string | undefined, Option[]][] = [];
  for (const option of options) {
    const group = groups.at(-1);
    if (group !== undefined && group[0] === option.helpGroupHeading) group[1].push(option);
    else groups.push([option.helpGroupHeading, [option]]);
  }
  return groups;
}

/** The section of a verb, then those of its sub-verbs. */
function verb(command: Command, words: string[]): string[] {
  const help = command.createHelp();
  const usage = command.usage().replace('[options] ', '');
  const flags = groupsOf(help.visibleOptions(command)).flatMap(([heading, options]) => [
    ...(heading === undefined ? [] : ['.PP', bold(heading)]),
    ...options.flatMap((option) => flagEntry(option, help)),
  ]);
  const title = `.SS "${roff(['dumpsieve', ...words].join(' '))} ${roff(usage)}"`;
  return [
    title,
    roff(sentence(command.description())),
    ...flags,
    ...command.commands.flatMap((each) => verb(each, [...words, each.name()])),
  ];
}

const FILES: [string, string][] = [
  [CONFIG_NAME, 'Flags of scan, one a line; looked for in the working directory and the folders above it.'],
];

const ENVIRONMENT: [string, string][] = [
  ['NO_COLOR', 'If not empty, reports have no colours.'],
  ['FORCE_COLOR', 'If not empty, reports have colours where there is no terminal.'],
];

/** The manual page (man(7)), made from the tree of commands. */
export function manualPage(program: Command, version: string): string {
  const description = program.description().replaceAll('\n', ' ');
  const lines = [
    `.TH DUMPSIEVE 1 ${REVISED} "dumpsieve ${version}"`,
    '.SH NAME',
    `dumpsieve \\- ${roff('find, prove and locate private keys and tokens in memory dumps')}`,
    '.SH SYNOPSIS',
    ...program.commands.flatMap((command, i) => [
      ...(i === 0 ? [] : ['.br']),
      `${bold(`dumpsieve ${command.name()}`)} ${roff(command.usage())}`,
    ]),
    '.SH DESCRIPTION',
    roff(description),
    '.SH VERBS',
    ...program.commands.flatMap((command) => verb(command, [command.name()])),
    '.SH EXIT STATUS',
    ...EXIT_MEANINGS.flatMap(([status, meaning]) => entry(bold(String(status)), sentence(meaning))),
    '.SH FILES',
    ...FILES.flatMap(([name, text]) => entry(italic(name), text)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, text]) => entry(bold(name), text)),
    '.SH EXAMPLES',
    ...program.commands.flatMap(examples),
    '.SH SEE ALSO',
    `${bold('core')}(5), ${bold('coredumpctl')}(1), ${bold('gdb')}(1)`,
  ];
  return `${lines.join('\n')}\n`;
}
