/**
 * Redacts the dumps of the recall ledger's programs with `--keep all`, and searches each copy for what it
 * must not hold: parts of the known keys (redact/key-windows.ts) and whole tokens and encodings.
 *
 *   node dist/bench/redact.js [--only TEXT[,TEXT]]
 *
 * Ends with status 1 if a copy holds any of it, or a program failed.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeCompiled, stopAll } from '../test/e2e/bare/program.js';
import { withTempDir } from '../test/support/folder.js';
import { bruteForce } from '../test/support/needles.js';
import { missing } from '../test/support/programs.js';
import { COMMAND } from './command/measure.js';
import type { Dump } from './recall/examine.js';
import type { Entry } from './recall/program.js';
import { entries } from './recall/programs.js';
import { leftIn } from './redact/key-windows.js';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

interface Redacted {
  status: number;
  /** Text of standard error. */
  message: string;
}

/** `find` of a dump: a public key whose private half it holds in a form that is searched for only then. */
function redactDump({ path, find }: Dump, output: string): Promise<Redacted> {
  const searched = find === undefined ? [] : ['--find', find];
  const args = [COMMAND, 'redact', path, '-o', output, '--quiet', ...searched];
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH } } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, _stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? 3);
      resolve({ status, message: stderr.split('\n')[0] ?? '' });
    });
  });
}

/** What a copy still holds, by name, with the number of places. */
function leftOf({ keys, needles }: Dump, copy: string): Map<string, number> {
  const left = leftIn(copy, keys);
  for (const { secret, form } of needles.length === 0 ? [] : bruteForce(copy, [...needles])) {
    const name = `${secret}, ${form}`;
    left.set(name, (left.get(name) ?? 0) + 1);
  }
  return left;
}

const counts = { dumps: 0, copies: 0, leaks: 0, failed: 0 };

async function redactAll(dump: Dump, title: string, folder: string): Promise<void> {
  const copy = join(folder, 'redacted');
  const start = performance.now();
  const { status, message } = await redactDump(dump, copy);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  counts.dumps++;
  if (status !== 0) {
    console.log(`${title}: exit ${status}, ${seconds} s: ${message}`);
    return;
  }
  counts.copies++;
  const before = [...leftOf(dump, dump.path).values()].reduce((sum, each) => sum + each, 0);
  const left = leftOf(dump, copy);
  if (left.size > 0) counts.leaks++;
  console.log(`${title}: copied, ${seconds} s; ${before} windows before, ${left.size} forms left`);
  for (const [what, count] of left) console.log(`  left: ${what}: ${count}`);
  for (const made of [copy, `${copy}.manifest.json`]) rmSync(made);
}

async function runEntry({ name, needs, dump }: Entry): Promise<void> {
  const lacking = missing(needs);
  if (lacking.length > 0) {
    console.log(`${name}: ${lacking.join(', ')} not found`);
    return;
  }
  try {
    await withTempDir(async (folder) => {
      for (const each of await dump(folder))
        await redactAll(each, each.role === undefined ? name : `${name}, ${each.role}`, folder);
    });
  } catch (error) {
    await stopAll();
    counts.failed++;
    console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  const words = values.only.split(',');
  for (const entry of entries.filter(({ name }) => words.some((word) => name.includes(word))))
    await runEntry(entry);
  const { dumps, copies, leaks, failed } = counts;
  console.log(`\n${dumps} dumps, ${copies} copies, ${leaks} of them with something left, ${failed} failed`);
  if (leaks > 0 || failed > 0) process.exitCode = 1;
} finally {
  removeCompiled();
}
