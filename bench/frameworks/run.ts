import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { Finding } from '../../src/core/model/report.js';
import { tokenFingerprint } from '../../src/scan/policy/allow-list.js';
import { eventually, freePort } from '../../test/e2e/bare/program.js';
import { gcore, startTarget } from '../../test/support/processes.js';
import type { Report } from '../command/measure.js';
import type { Framework, Held } from './programs.js';

const BIN = fileURLToPath(asset('bin/dumpsieve.js'));
const SOURCES = fileURLToPath(asset('bench/frameworks/sources'));

/** Copies the programs next to the packages that they import. */
export function writeSources(folder: string): void {
  cpSync(SOURCES, folder, { recursive: true });
}

/** What a scan showed of the secrets of one process. */
export interface Shown {
  /** Secrets that a rule has found, which count, of all; for `object`, where no name is near, undefined. */
  found: { rules: string[]; counting: number; all: number } | undefined;
  /** Rules of the findings with the proof that was expected. */
  proven: string[];
  seconds: number;
}

const REQUESTS = 3;

/** Requests of one visitor, who sends back the cookies. */
async function visit(port: number): Promise<void> {
  let cookie = '';
  for (let i = 0; i < REQUESTS; i++) {
    const headers = { connection: 'close', ...(cookie === '' ? {} : { cookie }) };
    const response = await eventually(() => fetch(`http://127.0.0.1:${port}/`, { headers }), 100);
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
    await response.text();
    const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0]);
    if (cookies.length > 0) cookie = cookies.join('; ');
  }
  if (cookie === '') throw new Error('no cookie was set');
}

/** Starts the framework with fresh secrets, visits it, dumps it and scans the dump. */
export async function runFramework(
  { run: [command, source], variables, make, text, serves, proof }: Framework,
  held: Held,
  folder: string,
  keep: boolean,
): Promise<Shown> {
  const secrets = Object.fromEntries(variables.map((name) => [name, make()]));
  writeFileSync(join(folder, 'config'), held === 'text' ? text(secrets) : '');
  const port = await freePort();
  const env = { HOME: folder, ...(held === 'environment' ? secrets : {}) };
  const args = [source, held, String(port), make()];
  const program = command === 'node' ? process.execPath : command;
  const target = await startTarget(program, args, { cwd: folder, env, ready: 'ready' });
  let core: string;
  try {
    if (serves) await visit(port);
    core = await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
  const start = performance.now();
  const findings = scan(core);
  const seconds = (performance.now() - start) / 1000;
  if (!keep) rmSync(core);
  const prints = new Set(Object.values(secrets).flatMap(fingerprintsOf));
  const own = findings.filter(({ fingerprint }) => fingerprint !== null && prints.has(fingerprint));
  const proven = findings.filter(
    (each) =>
      proof !== undefined &&
      each.confidence === 'proven' &&
      each.proof.some((text) => text.startsWith(proof)),
  );
  const named = own.filter(({ ruleId }) => ruleId !== 'signing-secret-number');
  return {
    found:
      held === 'object'
        ? undefined
        : {
            rules: [...new Set(named.map(({ ruleId }) => ruleId))],
            counting: named.filter(({ counts }) => counts).length,
            all: variables.length,
          },
    proven: proven.map(({ ruleId }) => ruleId),
    seconds,
  };
}

/** A rule may take the secret without what its framework writes before it. */
function fingerprintsOf(secret: string): string[] {
  return [secret, secret.replace(/^base64:/, '')].map((each) => tokenFingerprint(Buffer.from(each)));
}

function scan(path: string): readonly Finding[] {
  const args = [BIN, 'scan', '--format', 'json', '--exit-zero', '--min-confidence', 'low', path];
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30, env: { PATH: process.env.PATH } } as const;
  const { stdout, stderr } = spawnSync(process.execPath, args, options);
  if (stdout === '') throw new Error(stderr);
  const { findings }: Report = JSON.parse(stdout);
  return findings;
}
