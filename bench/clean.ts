/**
 * Precision on memory without secrets (bench/clean/README.md).
 *
 *   node dist/bench/clean.js --make DIR [--only TEXT,TEXT]   dump programs started with an empty environment
 *   node dist/bench/clean.js DIR [--only TEXT,TEXT] [--args='--effort deep'] [--command FILE]
 *                                                            scan the dumps and print what was reported
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDumps } from './clean/dump.js';
import { PROGRAMS } from './clean/programs.js';
import { scanDumps } from './clean/scan.js';
import { markdown } from './clean/table.js';
import { COMMAND } from './command/measure.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    make: { type: 'string' },
    only: { type: 'string', default: '' },
    args: { type: 'string', default: '' },
    command: { type: 'string', default: COMMAND },
  },
});
const words = values.only.split(',');
const isChosen = (name: string): boolean => words.some((word) => name.includes(word));

if (values.make !== undefined) {
  mkdirSync(values.make, { recursive: true });
  for (const program of PROGRAMS.filter(({ name }) => isChosen(name)))
    console.log(`${program.name}: ${await makeDumps(program, values.make)}`);
} else {
  const [folder] = positionals;
  if (folder === undefined) throw new Error('which folder of dumps?');
  const files = readdirSync(folder).filter((name) => /\.(core|hprof)$/.test(name) && isChosen(name));
  const args = values.args.split(' ').filter((arg) => arg !== '');
  const scanned = scanDumps(
    files.sort().map((name) => join(folder, name)),
    [values.command, ...args],
  );
  console.log(markdown(scanned));
}
