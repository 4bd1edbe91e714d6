import type { Command } from 'commander';
import { type DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { GUARD_OPTIONS } from '../core/options/guard-table.js';
import type { WatchResult } from '../index.js';
import { printMasked } from './failure.js';
import { addFlags, valuesOf } from './flags.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import { rawPath } from './raw-arguments.js';
import { stoppable } from './stoppable.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  policy: string;
  once?: boolean;
}

export function registerGuardWatch(guard: Command, finish: Finish): void {
  const command = guard
    .command('watch')
    .description('scan sealed dumps, and let redacted and verified copies leave: the service')
    .addHelpText(
      'after',
      `
Takes what the handler has sealed, and files of watched folders. Each dump is opened in a process of its own,
scanned, and then passed, redacted, quarantined or dropped, as the policy says. Verified copies are in out/
of the policy's state, each after its entry in the signed log; the newest head of the log is printed after
each entry.

Exit status with --once: 0 each dump has a copy in out/, or was dropped; 1 a dump was quarantined; 2 a dump
could not be dealt with, and is left; 3 wrong call or policy, or another guard serves the same state.`,
    );
  addExamples(command, [
    ['dumpsieve guard watch', 'the service'],
    ['dumpsieve guard watch --policy guard.yaml --once', 'for a job of CI: what is there now'],
  ]);
  addFlags(command, [GUARD_OPTIONS.policy, GUARD_OPTIONS.once], true).action(async () => {
    finish(await watch(valuesOf<Values>(command, GUARD_OPTIONS)));
  });
}

async function watch({ policy: file, once = false }: Values): Promise<number> {
  const { loadPolicy, watchDumps } = await import('../index.js');
  const policy = await loadPolicy(rawPath(file));
  const onHead = (line: string): void => print(`${line}\n`);
  const onProblem = ({ code, message, hint }: DumpsieveError): void =>
    void printMasked(`dumpsieve: ${code}: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`, []);
  return stoppable(
    false,
    ({ signal }) => watchDumps({ policy, once, signal, onHead, onProblem }),
    (result) => statusOf(result, once),
  );
}

/** A service that was stopped has done what it should. */
function statusOf({ quarantine, left }: WatchResult, once: boolean): number {
  if (!once) return EXIT.clean;
  if (quarantine > 0) return EXIT.findings;
  return left > 0 ? EXIT.incomplete : EXIT.clean;
}
