import type { Command } from 'commander';
import { registerHuntAdd } from './hunt-add.js';
import { registerHuntForget } from './hunt-forget.js';
import { registerHuntMigrate } from './hunt-migrate.js';
import { registerHuntQuery } from './hunt-query.js';
import { registerHuntStatus } from './hunt-status.js';
import { registerHuntWork } from './hunt-work.js';
import type { Finish } from './program.js';

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
