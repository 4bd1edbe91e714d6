import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { gcore } from '../../test/support/processes.js';
import { type CleanProgram, dumpName, scriptOf } from './programs.js';

const PROJECT = fileURLToPath(asset('.')).replace(/\/$/, '');
const NPM_CACHE = join(homedir(), '.npm');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Smaller processes (`sleep`, `sh`) are left out: resident pages. */
const LEAST_PAGES = 500;

interface Running {
  pid: number;
  command: string;
}

/** Processes of a session with enough memory. */
function processesOf(session: number): Running[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,sid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .flatMap((line) => {
      const [pid, sid, command] = line.trim().split(/\s+/);
      return Number(sid) === session || isBelow(Number(pid), session)
        ? [{ pid: Number(pid), command: command!.replaceAll(/[^\w-]/g, '') }]
        : [];
    })
    .filter(({ pid }) => pagesOf(pid) >= LEAST_PAGES);
}

function field(pid: number, index: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index]);
  } catch {
    return 0;
  }
}

/** proc(5): the parent is field 4, the resident pages are field 24; the slice starts with field 3. */
const parentOf = (pid: number): number => field(pid, 1);
const pagesOf = (pid: number): number => field(pid, 21);

function isBelow(pid: number, ancestor: number): boolean {
  for (let each = pid; each > 1; each = parentOf(each)) if (each === ancestor) return true;
  return false;
}

/** What became of the dumps of a program. */
interface Written {
  dumps: number;
  failures: string[];
}

async function dumpAll(
  program: CleanProgram,
  session: number,
  at: number,
  folder: string,
  written: Written,
): Promise<void> {
  for (const { pid, command } of processesOf(session)) {
    const path = dumpName(folder, program.name, command, pid, at);
    try {
      renameSync(await gcore(pid, folder), `${path}.core`);
      written.dumps++;
      if (program.heapDump && command === 'javac') {
        execFileSync('jmap', [`-dump:format=b,file=${path}.hprof`, String(pid)], { stdio: 'ignore' });
        written.dumps++;
      }
    } catch (error) {
      // Compilers end while they are dumped.
      written.failures.push(`${command}: ${String(error).slice(0, 300).replaceAll(/\s+/g, ' ')}`);
      rmSync(join(folder, `gcore.${pid}`), { force: true });
    }
  }
}

const has = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v "$0"`, program], { env: { PATH }, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Starts a program with an empty environment, dumps its processes and ends them. Returns what it did. */
export async function makeDumps(program: CleanProgram, folder: string): Promise<string> {
  const lacking = program.needs.filter((name) => !has(name));
  if (lacking.length > 0) return `not run: ${lacking.join(', ')} not found`;
  const home = mkdtempSync(join(tmpdir(), 'clean-'));
  const isServer = program.name === 'postgresql' && process.getuid?.() === 0;
  if (isServer) execFileSync('chown', ['postgres', home]);
  const [command, ...args] = [
    ...(isServer ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []),
    'sh',
    scriptOf(program),
    PROJECT,
    NPM_CACHE,
  ];
  const child = spawn(command!, args, {
    cwd: home,
    env: { PATH, HOME: home, ...program.environment },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const written: Written = { dumps: 0, failures: [] };
  try {
    const start = performance.now();
    for (const at of program.at) {
      await sleep(Math.max(0, 1000 * at - (performance.now() - start)));
      await dumpAll(program, child.pid!, at, folder, written);
    }
  } finally {
    for (const { pid } of allOf(child.pid!)) stop(pid);
    stop(-child.pid!);
    await sleep(300);
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
  return [`${written.dumps} dumps`, ...written.failures].join('; ');
}

/** Every process below, the smallest too. */
function allOf(session: number): Running[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => ({ pid: Number(line), command: '' }))
    .filter(({ pid }) => pid !== session && isBelow(pid, session));
}

function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
