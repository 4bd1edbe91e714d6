import { KINDS, type Kind, kindOf } from './kinds.js';

/** What the arguments of the test command choose. */
export interface Choice {
  kinds: readonly Kind[];
  /** Files that were named, by a part of their path; empty for all of the kinds. */
  named: readonly string[];
  /** Kinds of which only a share runs, rooms that recent commits touched first (recent.ts). */
  shared: readonly Kind[];
  /** Arguments for jest. */
  options: readonly string[];
}

/**
 * Reads `--fast`, `--program`, `--heavy`, `--machine`, `--slow`, `--all`, `--recent`, options of jest and
 * files. Without a kind those are all but the slow tests, and a share of the heavy ones; a file that is named
 * is of any kind.
 */
export function choiceOf(args: readonly string[]): Choice {
  const own = new Set(args.filter((arg) => FLAGS.has(arg)));
  const rest = args.filter((arg) => !FLAGS.has(arg) && arg !== '');
  const isFile = (arg: string) => arg.includes('/');
  const named = rest.filter(isFile).map((file) => file.replace(/\.ts$/, ''));
  const flagged = KINDS.filter((kind) => own.has(`--${kind}`) || own.has('--all'));
  const unflagged = named.length > 0 ? KINDS : KINDS.filter((kind) => kind !== 'slow');
  const kinds = flagged.length > 0 ? flagged : unflagged;
  const isDefault = flagged.length === 0 && named.length === 0;
  return {
    kinds,
    named,
    shared: own.has('--recent') ? kinds : isDefault ? ['heavy'] : [],
    options: rest.filter((arg) => !isFile(arg)),
  };
}

const FLAGS = new Set(['--all', '--recent', ...KINDS.map((kind) => `--${kind}`)]);

/**
 * The files that a choice runs, and those that it names but leaves out for their kind. `files`: paths of
 * compiled tests from the folder of `test/`.
 */
export function chosenFiles(
  files: readonly string[],
  { kinds, named }: Pick<Choice, 'kinds' | 'named'>,
): { run: string[]; leftOut: string[] } {
  const asked = files.filter((file) => named.length === 0 || named.some((part) => file.includes(part)));
  const isRun = (file: string) => kinds.some((kind) => kind === kindOf(file));
  const leftOut = named.length === 0 ? [] : asked.filter((file) => !isRun(file));
  return { run: asked.filter(isRun), leftOut };
}
