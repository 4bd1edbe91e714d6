import type { Command } from 'commander';
import { addExamples } from './help.js';

/** The verb without its verbs, which are loaded when they are needed (fleet/verbs): a scan needs none. */
export function registerHunt(program: Command): void {
  const command = program
    .command('hunt')
    .description(
      'ask many dumps: which hold our key, since when, from which hosts; workers on many machines',
    );
  addExamples(command, [
    ['dumpsieve hunt add dumps/ --store hunt.db', 'lists dumps, and scans what has no scan'],
    ['dumpsieve hunt query --store hunt.db --key prod.pem', 'exit 1: a dump holds it'],
    ['dumpsieve hunt query --store hunt.db --repeated'],
  ]);
}
