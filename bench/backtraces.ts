/**
 * Copies for backtraces of running programs: gdb prints the same named frames and libraries of dump and copy,
 * and the copy has nothing of what the program has read. Exit status 1 if not.
 *
 *   node dist/bench/backtraces.js
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareCopy, PROGRAMS } from '../test/e2e/backtraces/programs.js';
import { missing } from '../test/support/programs.js';

for (const [name, needs, prepare] of PROGRAMS) {
  const lacking = missing(['gdb', ...needs]);
  if (lacking.length > 0) {
    console.log(`${name}: left out`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-backtraces-'));
  try {
    const { before, after, leaks } = await compareCopy(prepare(folder), folder);
    const isSame = before.join('\n') === after.join('\n');
    console.log(`${name}: lines ${before.length}, same ${isSame}, leaks ${leaks}`);
    if (!isSame || leaks) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
