import { WatchedFolder } from '../../src/guard/folders/folders.js';

/**
 * A guard of one folder as a process: `folder state recipients quiet`. It writes a line of JSON for each
 * result, and ends when nothing is left to wait for.
 */
const [folder = '', state = '', recipients = '', quiet = '0'] = process.argv.slice(2);
const row = { path: folder, pattern: '*', quiet: Number(quiet), original: 'remove' as const, line: 1 };
const guard = WatchedFolder.open(row, { state, recipients });
do {
  for await (const result of guard.take()) process.stdout.write(`${JSON.stringify(result)}\n`);
} while (guard.waiting > 0);
guard.close();
