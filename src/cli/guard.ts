import type { Command } from 'commander';
import { registerGuardCheck } from './guard-check.js';
import { registerGuardList } from './guard-list.js';
import { registerGuardRelease } from './guard-release.js';
import { registerGuardWatch } from './guard-watch.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';

/** One row a verb of `guard`. */
const verbs = [registerGuardWatch, registerGuardCheck, registerGuardList, registerGuardRelease];

export function registerGuard(program: Command, finish: Finish): void {
  const command = program
    .command('guard')
    .description(
      'guard a machine: scan dumps that were sealed where they arose, and let verified copies leave',
    );
  addExamples(command, [
    ['dumpsieve guard watch', 'the service'],
    ['dumpsieve guard check --probe', 'is it in force?'],
    ['dumpsieve guard list --why'],
  ]);
  for (const register of verbs) register(command, finish);
}
