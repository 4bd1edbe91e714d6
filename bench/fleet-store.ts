/**
 * Both stores of a fleet with 1,000,000 findings of 10,000 dumps, 60,000 secrets, 6,000 of them keys: bytes a
 * finding, rate of results, and the time of questions as a command asks them, without the start of Node.
 *
 *   node dist/bench/fleet-store.js [--dumps 10000] [--only sqlite,postgres] [--folder DIR]
 *
 * Needs Debian's postgresql. The server is a temporary one with fsync off, which changes no size. The file
 * stays in the folder, if one is named. Exit status 1 if a goal is missed.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Host, useHost } from '../fleet/src/host.js';
import { openStore } from '../fleet/src/store/open.js';
import type { Store } from '../fleet/src/store/store.js';
import { DumpsieveError } from '../src/base/runtime/errors.js';
import { TestPostgres } from '../test/fleet/postgres.js';
import { type Crowd, findingsOf, storeCrowd } from '../test/fleet/store/many.js';
import { hex, TARGET } from '../test/fleet/store/samples.js';

const { values } = parseArgs({
  options: {
    dumps: { type: 'string', default: '10000' },
    only: { type: 'string', default: 'sqlite,postgres' },
    folder: { type: 'string' },
  },
});
useHost({ DumpsieveError } as Host);

const dumps = Number(values.dumps);
const crowd: Crowd = { dumps, findings: 100, secrets: 6 * dumps, keys: 0.6 * dumps };
const GOALS = { sqlite: 150, postgres: 220, key: 100, repeated: 500 };
/** Rows that a command prints if nothing else is said. */
const SHOWN = 100;

let missed = false;
function report(what: string, value: number, unit: string, goal?: number): void {
  const isMissed = goal !== undefined && value > goal;
  missed ||= isMissed;
  const wanted = goal === undefined ? '' : ` (at most ${goal}${isMissed ? ': MISSED' : ''})`;
  console.log(`${what.padEnd(56)} ${value.toFixed(value < 10 ? 2 : 0)} ${unit}${wanted}`);
}

/** The least of five, wall and processor time of this process in ms, each with a new connection. */
async function question(place: string, ask: (store: Store) => Promise<number>) {
  let best = { wall: Number.POSITIVE_INFINITY, cpu: 0, rows: 0 };
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    const before = process.cpuUsage();
    const store = await openStore(place, { role: 'reader' });
    const rows = await ask(store);
    await store.close();
    const { user, system } = process.cpuUsage(before);
    const wall = performance.now() - start;
    if (wall < best.wall) best = { wall, cpu: (user + system) / 1000, rows };
  }
  return best;
}

async function count(rows: AsyncIterable<unknown>, most = Number.POSITIVE_INFINITY): Promise<number> {
  let n = 0;
  for await (const _ of rows) {
    n += 1;
    if (n === most) break;
  }
  return n;
}

/** Dumps that have a key, by its number. */
function dumpsWith(): Map<number, number> {
  const found = new Map<number, number>();
  for (let dump = 0; dump < dumps; dump += 1)
    for (const { spki, fingerprint } of findingsOf(dump, crowd))
      if (spki !== undefined) {
        const number = numbers.get(fingerprint!)!;
        found.set(number, (found.get(number) ?? 0) + 1);
      }
  return found;
}
const numbers = new Map(Array.from({ length: crowd.keys }, (_, i) => [`v1:${hex(`secret ${i}`)}`, i]));

async function measure(
  kind: 'sqlite' | 'postgres',
  place: string,
  size: () => Promise<number>,
): Promise<void> {
  console.log(`\n${kind}`);
  const empty = await openStore(place);
  await empty.close();
  const before = kind === 'postgres' ? await size() : 0;
  const store = await openStore(place);
  const start = performance.now();
  const cpu = process.cpuUsage();
  await storeCrowd(store, crowd);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  report('results a second', dumps / seconds, '/s');
  report('processor time of a result in this process', (user + system) / 1000 / dumps, 'ms');
  await store.close();
  report('bytes a finding', ((await size()) - before) / (dumps * crowd.findings), 'bytes', GOALS[kind]);

  const byKey = dumpsWith();
  const near = (wanted: number) =>
    [...byKey].reduce((a, b) => (Math.abs(b[1] - wanted) < Math.abs(a[1] - wanted) ? b : a));
  for (const [number, rows] of [near(20), near(190), near(dumps)]) {
    const names = { fingerprints: [], spki: hex(`secret ${number}`) };
    const found = await question(place, (open) => count(open.questions.findings(names, {})));
    if (found.rows !== rows) throw new Error(`${found.rows} rows for a key in ${rows} dumps`);
    report(`a key in ${rows} dumps (processor time ${found.cpu.toFixed(0)} ms)`, found.wall, 'ms', GOALS.key);
  }
  const asked = await question(
    place,
    async (open) => (await open.questions.asked([TARGET.digest], {})).searched,
  );
  if (asked.rows !== dumps) throw new Error(`${asked.rows} searched`);
  report(`of how many dumps (processor time ${asked.cpu.toFixed(0)} ms)`, asked.wall, 'ms');
  const repeated = await question(place, (open) => count(open.questions.repeated({}), SHOWN));
  report(
    `repeated, the first ${repeated.rows} (processor time ${repeated.cpu.toFixed(0)} ms)`,
    repeated.wall,
    'ms',
    GOALS.repeated,
  );
  const keys = await question(place, (open) => count(open.questions.repeated({ rule: 'key-*' }), SHOWN));
  report(`repeated keys, the first ${keys.rows} (processor time ${keys.cpu.toFixed(0)} ms)`, keys.wall, 'ms');
  const host = await question(place, (open) =>
    count(open.questions.findings(undefined, { host: 'web-7', rule: 'key-3' })),
  );
  report(`keys of a rule on a host, ${host.rows} rows`, host.wall, 'ms');
  const standing = await question(place, async (open) => (await open.questions.standing()).done);
  report('standing', standing.wall, 'ms');
  const begin = performance.now();
  const last = await openStore(place);
  console.log(`digest ${await last.digest()} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  await last.close();
}

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'dumpsieve-fleet-'));
try {
  if (values.only.includes('sqlite')) {
    const path = join(folder, 'fleet.store');
    await measure('sqlite', path, async () => statSync(path).size);
  }
  if (values.only.includes('postgres')) {
    const server = await TestPostgres.start();
    try {
      const url = await server.newDatabase();
      const database = url.replace(/.*\//, '');
      await measure('postgres', url, async () => {
        const [row] = await server.sql(database, 'select pg_database_size(current_database()) as n');
        return Number(row!.n);
      });
    } finally {
      await server.remove();
    }
  }
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed ? 1 : 0;
