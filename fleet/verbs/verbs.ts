import type { Command } from 'commander';
import type { Finish } from '../../src/cli/help.js';
import { registerHuntAdd } from './add.js';
import { registerHuntForget } from './forget.js';
import { registerHuntMigrate } from './migrate.js';
import { registerHuntQuery } from './query.js';
import { registerHuntStatus } from './status.js';
import { registerHuntWork } from './work.js';

/** One row a verb of `hunt`. */
const verbs = [
  registerHuntAdd,
  registerHuntQuery,
  registerHuntStatus,
  registerHuntForget,
  registerHuntWork,
  registerHuntMigrate,
];

export function registerHuntVerbs(hunt: Command, finish: Finish): void {
  for (const register of verbs) register(hunt, finish);
}
