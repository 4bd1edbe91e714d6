/**
 * Runs of `hunt add` and `hunt work` that are killed, against the answers of one that is not; a large dump
 * beside small ones; and the cost of a small dump.
 *
 *   node dist/bench/fleet-kills.js [--dumps 10000] [--kills 50] [--folder DIR]
 *     [--only files,server,queue,large,cost]
 *
 * Needs Debian's postgresql; the queue also a newer Node, which is installed from the registry. Exit status 1
 * if a goal is missed.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../fixtures/random.js';
import { newerNode } from '../test/fleet/newer-node.js';
import { TestPostgres } from '../test/fleet/postgres.js';
import { AddProcess, type AddRequest, contentOf } from '../test/fleet/work/add-processes.js';
import { costOf } from '../test/fleet/work/cost.js';
import { type MadeDumps, makeDumps } from '../test/fleet/work/made-dumps.js';
import { WebServer } from '../test/fleet/work/web-server.js';

const { values } = parseArgs({
  options: {
    dumps: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '50' },
    only: { type: 'string', default: 'files,server,queue,large,cost' },
    folder: { type: 'string' },
  },
});

const KILLS = Number(values.kills);
const SHARED = 200;
const COPIES = 500;
const POISON = 3;
const MADE: MadeDumps = {
  count: Number(values.dumps) - COPIES - POISON,
  shared: SHARED,
  copies: COPIES,
  poison: POISON,
};
const DEAD = Array.from({ length: POISON }, (_, i) => ({ name: `poison-${i}.core`, crashes: 3, dead: true }));

let missed = false;
function report(what: string, value: unknown, isMissed = false): void {
  missed ||= isMissed;
  console.log(
    `${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}${isMissed ? '  MISSED' : ''}`,
  );
}

const same = (what: string, value: unknown, goal: unknown): void =>
  report(what, value, JSON.stringify(value) !== JSON.stringify(goal));

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'dumpsieve-kills-'));
const dumps = join(folder, 'dumps');
mkdirSync(dumps, { recursive: true });
if (readdirSync(dumps).length === 0) makeDumps(dumps, MADE);

const scansIn = (log: string): string[] => readFileSync(log, 'utf8').trim().split('\n');
const harmless = (scans: readonly string[]) => scans.filter((each) => !each.includes('poison'));

function request(
  store: string,
  more: Partial<Omit<AddRequest, 'options'>> & { options?: Partial<AddRequest['options']> } = {},
): AddRequest {
  const { options, ...others } = more;
  return { options: { store, paths: [dumps], jobs: 2, ...options }, heartbeat: 10, ...others };
}

async function timed<T>(what: string, body: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await body();
  report(`${what}, seconds`, ((performance.now() - start) / 1000).toFixed(0));
  return result;
}

/** Digest of one run that nothing disturbs. */
async function whole(): Promise<string> {
  const store = join(folder, 'whole.store');
  const log = join(folder, 'whole.log');
  const result = await timed('one run', () => new AddProcess(request(store, { log })).result());
  const { digest, problems, failures } = await contentOf(store);
  same('dead letters', failures, DEAD);
  same('integrity', problems, []);
  const { scanned, known } = result.counts;
  same('scanned and known', [scanned, known], [MADE.count, MADE.copies]);
  same('sweeps of harmless contents', harmless(scansIn(log)).length, MADE.count);
  return digest;
}

async function killed(digest: string): Promise<void> {
  const store = join(folder, 'killed.store');
  const log = join(folder, 'killed.log');
  const random = new SeededRandom('kills');
  let kills = 0;
  let problems = 0;
  for (; kills < KILLS; kills++) {
    const process = new AddProcess(request(store, { log }));
    // Each tenth one while it starts, lists and opens processes.
    const isEarly = kills % 10 === 0;
    const scans = isEarly ? 0 : 1 + random.below((1.6 * MADE.count) / KILLS);
    const isKilled = await process.killAfter(scans, log, random.below(isEarly ? 3_000 : 30));
    if (!isKilled) break;
    if (kills % 10 === 9) problems += (await contentOf(store)).problems.length;
  }
  await timed(`the run after ${kills} kills`, () => new AddProcess(request(store, { log })).result());
  const content = await contentOf(store);
  same('integrity', [problems, content.problems], [0, []]);
  same('dead letters', content.failures, DEAD);
  report('digest is that of one run', content.digest === digest, content.digest !== digest);
  const again = harmless(scansIn(log)).length - MADE.count;
  report('sweeps that kills have ended', again, again > 2 * kills || again === 0);
}

async function onServer(server: TestPostgres, digest: string): Promise<void> {
  const store = await server.newDatabase();
  await timed('one run on PostgreSQL', () => new AddProcess(request(store)).result());
  const content = await contentOf(store);
  same('dead letters', content.failures, DEAD);
  report('digest is that of the file', content.digest === digest, content.digest !== digest);
}

/** Three workers, of which one is killed every 5 s. */
async function queue(server: TestPostgres): Promise<void> {
  const node = await newerNode();
  const web = await WebServer.start();
  for (const name of readdirSync(dumps)) web.put(`/dumps/${name}`, readFileSync(join(dumps, name)));
  const list = join(folder, 'list');
  writeFileSync(list, web.urls.join('\n'));
  const store = await server.newDatabase();
  const log = join(folder, 'queue.log');
  const paths = [`@${list}`];
  const listing = { options: { paths, isListOnly: true } };
  await timed('listed and queued', () => new AddProcess(request(store, listing), node).result());
  const start = (): AddProcess =>
    new AddProcess(request(store, { verb: 'work', log, options: { jobs: 1 } }), node);
  const workers = Array.from({ length: 3 }, start);
  const database = store.slice(store.lastIndexOf('/') + 1);
  const left = async (): Promise<number> => {
    const [row] = await server.sql(
      database,
      "select count(*)::int as jobs from pgboss.job where name like 'scan-%' and state <= 'active'",
    );
    return Number(row!.jobs);
  };
  let kills = 0;
  await timed('worked on', async () => {
    for (let i = 0; (await left()) > 0; i = (i + 1) % workers.length) {
      await sleep(5_000);
      await workers[i]!.killGroup();
      kills++;
      workers[i] = start();
    }
  });
  for (const each of workers) each.kill('SIGTERM');
  const results = await Promise.all(workers.map((each) => each.result()));
  report('kills', kills);
  const content = await contentOf(store);
  same('dead letters', content.failures, DEAD);
  same('integrity', content.problems, []);
  const jobs = await server.sql(
    database,
    "select data->>'crashes' as crashes from pgboss.job where name = 'dead'",
  );
  same(
    'jobs in the queue of dead letters',
    jobs,
    DEAD.map(() => ({ crashes: '3' })),
  );
  const scans = await server.sql(database, 'select count(*)::int as n from dumpsieve.scan');
  same('contents with a scan', scans, [{ n: MADE.count }]);
  const again = harmless(scansIn(log)).length - MADE.count;
  report('sweeps that kills have ended', again, again > kills);
  report('notices', results.flatMap(({ notices }) => notices).slice(0, 5));
  await web.stop();
}

/** A dump of 2 GB beside small ones. */
async function large(): Promise<void> {
  const own = join(folder, 'large');
  mkdirSync(own, { recursive: true });
  makeDumps(own, { count: 1_000, shared: 0, copies: 0, poison: 0 });
  const path = join(own, 'large.core');
  writeFileSync(path, readFileSync(join(own, 'dump-00000.core')));
  truncateSync(path, 2 ** 31);
  const log = join(folder, 'large.log');
  const store = join(folder, 'large.store');
  const added = await timed('2 GB and 1,000 small dumps', () =>
    new AddProcess(request(store, { log, options: { paths: [own] } })).result(),
  );
  const scans = scansIn(log);
  same('scans', [added.counts.scanned, scans.length, new Set(scans).size], [1001, 1001, 1001]);
  same('sweeps of the large one', scans.filter((each) => each.endsWith('large.core')).length, 1);
}

async function cost(): Promise<void> {
  const own = join(folder, 'cost');
  for (const [name, shared] of [
    ['without a key', 0],
    ['with a key', 1_000],
  ] as const) {
    const sets = [200, 1_000].map((count) => {
      const set = join(own, `${name} ${count}`);
      mkdirSync(set, { recursive: true });
      makeDumps(set, { count, shared: Math.min(shared, count), copies: 0, poison: 0 });
      return set;
    });
    const [few, many] = [await costOf(sets[0]!), await costOf(sets[1]!)];
    const each = (of: 'children' | 'supervisor') => (many[of] - few[of]) / 800;
    const size = statSync(join(sets[0]!, 'dump-00000.core')).size;
    report(`bytes of a dump ${name}`, size);
    report(
      `ms in children, ${name}`,
      each('children').toFixed(1),
      each('children') > (shared === 0 ? 12 : 30),
    );
    report(`ms in the supervisor, ${name}`, each('supervisor').toFixed(1), each('supervisor') > 3);
    report('ms of a scan in one process, for comparison', many.scanner.toFixed(1));
  }
  const set = join(own, 'many');
  mkdirSync(set, { recursive: true });
  makeDumps(set, { count: 5_000, shared: 500, copies: 0, poison: 0 });
  const { memory } = await costOf(set);
  const [first = 0, last = 0] = [memory[1], memory.at(-1)];
  report('MB of a child after 1,000 scans, and after all', [first, last], last > 1.1 * first);
}

const only = new Set(values.only.split(','));
const needsServer = only.has('server') || only.has('queue');
const server = needsServer ? await TestPostgres.start() : undefined;
try {
  if (only.has('files') || only.has('server')) {
    const digest = await whole();
    if (only.has('files')) await killed(digest);
    if (only.has('server')) await onServer(server!, digest);
  }
  if (only.has('queue')) await queue(server!);
  if (only.has('large')) await large();
  if (only.has('cost')) await cost();
} finally {
  await server?.remove();
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed ? 1 : 0;
