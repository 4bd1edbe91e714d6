/**
 * Programs that sign (test/e2e/nonces): each is dumped and scanned; its key has to be found, and no nonce may
 * count.
 *
 *   node dist/bench/nonces.js [--only TEXT] [--dumps FOLDER] [--command FILE]
 *
 * `--dumps` keeps the dumps in FOLDER and scans those already there; `--command`: another build's
 * bin/dumpsieve.js. Ends with status 1 if a key was missed or a nonce counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeCompiled } from '../test/e2e/bare/program.js';
import { dumpSigner, nameOf, needsOf, SIGNERS, type Signer, spkiOf } from '../test/e2e/nonces/programs.js';
import { judge } from '../test/e2e/nonces/verdict.js';
import { missing } from '../test/support/programs.js';
import type { Report } from '../test/support/reports.js';
import { COMMAND } from './command/measure.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    dumps: { type: 'string' },
    command: { type: 'string', default: COMMAND },
  },
});

async function dumpOf(signer: Signer, folder: string): Promise<string> {
  const path = join(folder, `${nameOf(signer).replaceAll(/\W+/g, '-')}.core`);
  if (existsSync(path)) return path;
  const place = mkdtempSync(join(tmpdir(), 'dumpsieve-nonces-'));
  try {
    renameSync(await dumpSigner(signer, place), path);
  } finally {
    rmSync(place, { recursive: true });
  }
  return path;
}

function scan(path: string): Report {
  const args = [values.command, 'scan', '--format', 'json', path];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  return JSON.parse(stdout);
}

async function main(folder: string): Promise<void> {
  for (const signer of SIGNERS.filter((each) => nameOf(each).includes(values.only))) {
    const lacks = missing(needsOf(signer));
    if (lacks.length > 0) {
      console.log(`${nameOf(signer)}: not run, lacks ${lacks.join(', ')}`);
      continue;
    }
    const path = await dumpOf(signer, folder);
    const start = performance.now();
    const { key, counted, notCounted, limits } = judge(scan(path), spkiOf(signer));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const notes = [`key ${key}`, `${counted.length} others counted`, `${notCounted} not`, `${seconds} s`];
    console.log(`${nameOf(signer)}: ${[...notes, ...limits].join(', ')}`);
    for (const each of counted) console.log(`    ${each}`);
    if (key !== 'counted' || counted.length > 0) process.exitCode = 1;
    if (values.dumps === undefined) rmSync(path);
  }
}

const folder = values.dumps ?? mkdtempSync(join(tmpdir(), 'dumpsieve-nonces-'));
mkdirSync(folder, { recursive: true });
try {
  await main(folder);
} finally {
  removeCompiled();
  if (values.dumps === undefined) rmSync(folder, { recursive: true });
}
