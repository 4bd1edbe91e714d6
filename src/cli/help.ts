import type { Command } from 'commander';
import { readAsset } from '../core/base/runtime/assets.js';

/** Sets the exit status; called by the action of a verb. */
export type Finish = (status: number) => void;

export function version(): string {
  return (JSON.parse(readAsset('package.json').toString()) as { version: string }).version;
}

/** A command line and its purpose. */
export type Example = readonly [line: string, purpose?: string];

/** Examples by command, for the help and the manual page. */
const examples = new WeakMap<Command, readonly Example[]>();

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}

/** Adds examples to the end of a command's help. */
export function addExamples(command: Command, list: readonly Example[]): Command {
  examples.set(command, list);
  const width = Math.max(...list.filter(([, purpose]) => purpose).map(([line]) => line.length), 0);
  const lines = list.map(
    ([line, purpose]) => `  $ ${purpose === undefined ? line : `${line.padEnd(width)}  # ${purpose}`}`,
  );
  return command.addHelpText('after', `\n${list.length > 1 ? 'Examples' : 'Example'}:\n${lines.join('\n')}`);
}

/** What each exit status of `scan` means (contract: command line). */
export const EXIT_MEANINGS: readonly [status: number, meaning: string][] = [
  [0, 'every byte of every file was read and searched, and nothing fails the gate'],
  [1, 'something fails the gate'],
  [2, 'not everything could be read and searched, or a file changed meanwhile: keep the dump where it is'],
  [3, 'wrong call, bad rules or an internal error'],
];
