import type { Command } from 'commander';
import { addFlags, valuesOf } from '../../src/cli/flags.js';
import { loadFleet } from '../../src/cli/fleet.js';
import type { Finish } from '../../src/cli/help.js';
import { addExamples } from '../../src/cli/help.js';
import { print } from '../../src/cli/print.js';
import { EXIT } from '../../src/core/base/runtime/errors.js';
import { HUNT_OPTIONS } from '../../src/core/options/hunt-table.js';
import { storeOf } from './store.js';

export function registerHuntMigrate(hunt: Command, finish: Finish): void {
  const command = hunt
    .command('migrate')
    .description('make the tables of a store, or bring them to this version')
    .addHelpText(
      'after',
      `
A file is migrated when it is opened; a server only by this, with the rights of its administrator.

Exit status: 0 the store has this version; 2 the server cannot be reached; 3 wrong call, or a newer store.`,
    );
  addExamples(command, [['dumpsieve hunt migrate --store postgres://db/hunt']]);
  const { store, debug } = HUNT_OPTIONS;
  addFlags(command, [store, debug]).action(async () => {
    finish(await migrateVerb(valuesOf<{ store?: string }>(command, HUNT_OPTIONS)));
  });
}

async function migrateVerb({ store }: { store?: string }): Promise<number> {
  const place = storeOf(store);
  const { migrate } = await loadFleet();
  const { from, to } = await migrate({ store: place });
  print(from === to ? `the store has version ${to}\n` : `migrated: version ${from} to ${to}\n`);
  return EXIT.clean;
}
