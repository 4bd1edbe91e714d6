import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Containers that are made to exhaust the program that opens them: each must end within 10 seconds of
 * processor time and 400 MB, and must not pass as clean while anything in it is unread. Run by
 * `node dist/bench/container-bombs.js [PART OF A NAME…]`. Prints a line for each; exit status 1 if one fails.
 */

const SECONDS = 10;
const MEGABYTES = 400;
const PYTHON = '/usr/bin/python3';
const SCRIPT = 'bench/container-bombs.py';

interface Measured {
  status: number | null;
  /** Seconds of processor time. */
  seconds: number;
  megabytes: number;
}

function measure(path: string, report: string): Measured {
  const scan = [process.execPath, 'bin/dumpsieve.js', 'scan', '-q', '--no-progress', path];
  const limited = ['timeout', '-s', 'KILL', '120', ...scan];
  const { status } = spawnSync('/usr/bin/time', ['-f', '%U %S %M', '-o', report, ...limited], {
    stdio: 'ignore',
  });
  const last = readFileSync(report, 'latin1').trim().split('\n').at(-1)!;
  const [user = 0, system = 0, kilobytes = 0] = last.split(' ').map(Number);
  return { status, seconds: user + system, megabytes: kilobytes / 1000 };
}

const names = execFileSync(PYTHON, [SCRIPT], { encoding: 'utf8' }).trim().split('\n');
const chosen = process.argv.slice(2);
let failed = 0;
for (const name of names) {
  if (chosen.length > 0 && !chosen.some((each) => name.includes(each))) continue;
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-bomb-'));
  try {
    const path = join(folder, 'bomb');
    execFileSync(PYTHON, [SCRIPT, name, path]);
    const { status, seconds, megabytes } = measure(path, join(folder, 'report'));
    const expected = name.startsWith('+') ? 0 : 2;
    const holds = status === expected && seconds <= SECONDS && megabytes <= MEGABYTES;
    if (!holds) failed++;
    const size = (statSync(path).size / 1e6).toFixed(1);
    const measured = `exit status ${status}, ${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB`;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${name} (${size} MB): ${measured}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failed > 0 ? 1 : 0;
