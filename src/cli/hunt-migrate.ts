import type { Command } from 'commander';
import { EXIT } from '../base/runtime/errors.js';
import { HUNT_OPTIONS } from '../options/hunt-table.js';
import { addFlags, valuesOf } from './flags.js';
import { loadFleet } from './fleet.js';
import { addExamples } from './help.js';
import { storeOf } from './hunt-store.js';
import { print } from './print.js';
import type { Finish } from './program.js';

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
