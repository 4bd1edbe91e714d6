import type { Argument, Command, Option } from 'commander';

/** Values of a flag or an argument: fixed words, or names of files or folders. */
export type CompletionValues =
  | { kind: 'none' | 'text' | 'file' | 'folder' }
  | { kind: 'words'; words: readonly string[] };

export interface CompletedFlag {
  /** `--format`, `-f`. */
  names: string[];
  description: string;
  values: CompletionValues;
}

/** A verb as a shell completes it: a node of commander's tree. */
export interface CompletedVerb {
  /** Its words on the command line; empty for the program. */
  words: string[];
  description: string;
  flags: CompletedFlag[];
  values: CompletionValues;
  verbs: CompletedVerb[];
}

/** Reads commander's tree. Exactly what the help lists is completed. */
export function completedVerb(command: Command, words: string[] = []): CompletedVerb {
  const help = command.createHelp();
  return {
    words,
    description: command.description().replaceAll('\n', ' '),
    flags: help.visibleOptions(command).map(flagOf),
    values: argumentsOf(command.registeredArguments),
    verbs: command.commands.map((verb) => completedVerb(verb, [...words, verb.name()])),
  };
}

/** A verb and all its sub-verbs. */
export function* everyVerb(verb: CompletedVerb): Generator<CompletedVerb> {
  yield verb;
  for (const each of verb.verbs) yield* everyVerb(each);
}

function flagOf({ long, short, description, flags, argChoices }: Option): CompletedFlag {
  const names = [long, short].filter((name) => name !== undefined && name !== null);
  const label = /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1];
  return { names, description, values: valuesOf(label, argChoices) };
}

/** Of several arguments the last file (`rules test ID FILE`, `inspect FILE PLACE`), else the last one. */
function argumentsOf(all: readonly Argument[]): CompletionValues {
  const values = all.map((argument) => valuesOf(argument.name(), argument.argChoices));
  return values.findLast(({ kind }) => kind === 'file') ?? values.at(-1) ?? { kind: 'none' };
}

/** Argument names of files and folders (src/core/options/table.ts). */
const PLACES: Readonly<Record<string, CompletionValues>> = {
  file: { kind: 'file' },
  paths: { kind: 'file' },
  dir: { kind: 'folder' },
};

function valuesOf(label: string | undefined, choices: readonly string[] | undefined): CompletionValues {
  if (label === undefined) return { kind: 'none' };
  if (choices !== undefined) return { kind: 'words', words: choices };
  return PLACES[label] ?? { kind: 'text' };
}
