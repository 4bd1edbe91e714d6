/**
 * The frozen set: reports and copies of fixed inputs, by digest. A change that should change nothing leaves
 * every row equal ([README](README.md)).
 *
 *   node dist/bench/frozen/frozen.js record FILE  [--program PATH] [--only TEXT] [--texts DIR]
 *   node dist/bench/frozen/frozen.js compare FILE [--program PATH] [--only TEXT] [--texts DIR]
 *
 * `--program`: bin/dumpsieve.js of a built checkout, this one's by default. `--only`: inputs whose name
 * contains the text. `--texts`: a folder for the output behind each digest, to compare two by `diff -r`.
 *
 * `compare` prints rows that differ, are missing or new, and ends with status 1 if there are any.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withTempDir } from '../../test/support/folder.js';
import { COMMAND } from '../command/measure.js';
import { Program } from './program.js';
import { record } from './record.js';
import { parsed, Recorder, type Rows, written } from './recorder.js';

const USAGE = 'frozen.js record|compare FILE [--program PATH] [--only TEXT] [--texts DIR]';

const { values, positionals } = parseArgs({
  options: {
    program: { type: 'string', default: COMMAND },
    only: { type: 'string', default: '' },
    texts: { type: 'string' },
  },
  allowPositionals: true,
});
const [verb, file] = positionals;
if (file === undefined || !['record', 'compare'].includes(verb ?? '')) throw new Error(USAGE);

const input = (row: string): string => row.slice(0, row.indexOf(' / '));

/** Lines about rows that are not equal; rows of inputs that were left out do not count. */
function* differences(before: Rows, now: Rows, leftOut: (row: string) => boolean): Generator<string> {
  for (const [row, digest] of before) {
    if (leftOut(row)) continue;
    const found = now.get(row);
    if (found === undefined) yield `missing  ${row}`;
    else if (found !== digest) yield `differs  ${row}: ${digest}, now ${found}`;
  }
  for (const row of now.keys()) if (!before.has(row)) yield `new      ${row}`;
}

const recorder = new Recorder(values.texts);
const absent = await withTempDir((folder) => {
  const work = realpathSync(folder);
  return record(new Program(resolve(values.program), work, recorder), recorder, values.only);
});
for (const group of absent) console.log(`left out: ${group}`);
if (verb === 'record') {
  writeFileSync(file, written(recorder.rows));
  console.log(`${recorder.rows.size} rows`);
} else {
  const leftOut = (row: string) =>
    !input(row).includes(values.only) || absent.some((group) => input(row).startsWith(group));
  const lines = [...differences(parsed(readFileSync(file, 'utf8')), recorder.rows, leftOut)];
  for (const line of lines) console.log(line);
  console.log(`${recorder.rows.size} rows, ${lines.length} of them not equal`);
  if (lines.length > 0) process.exitCode = 1;
}
