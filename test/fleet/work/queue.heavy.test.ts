import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { newerNode } from '../newer-node.js';
import { TestPostgres } from '../postgres.js';
import { AddProcess, type AddRequest, contentOf } from './add-processes.js';
import { makeDumps } from './made-dumps.js';
import { WebServer } from './web-server.js';

/** Jobs of pg-boss, worked on by several processes; bench/fleet-kills.ts has more of them. */

const MADE = { count: 40, shared: 10, copies: 8, poison: 1 };
/** The rules of what the dumps hold: the others take each process longer than its scans. */
const ONLY = { only: ['private-key-pem', 'github-token'] };
const DEAD = [{ name: 'poison-0.core', crashes: 3, dead: true }];

const scansIn = (log: string): number =>
  existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;

describeWith(['postgresql'], 'a queue on a server', () => {
  let server: TestPostgres;
  let node: string;
  beforeAll(async () => {
    [server, node] = await Promise.all([TestPostgres.start(), newerNode()]);
  });
  afterAll(() => server?.remove());

  test('gives each dump to one worker, and again to others if it dies', async () => {
    const web = await WebServer.start();
    await withTempDir(async (folder) => {
      const dumps = join(folder, 'dumps');
      mkdirSync(dumps);
      makeDumps(dumps, MADE);
      for (const name of readdirSync(dumps)) web.put(`/dumps/${name}`, readFileSync(join(dumps, name)));
      const list = join(folder, 'list');
      writeFileSync(list, web.urls.join('\n'));
      const store = await server.newDatabase();
      const log = join(folder, 'log');
      const request = (verb: 'add' | 'work', more: object): AddRequest => ({
        verb,
        options: { store, jobs: 1, scanner: ONLY, ...more },
        heartbeat: 10,
        log,
      });

      const added = await new AddProcess(
        request('add', { paths: [`@${list}`], isListOnly: true }),
        node,
      ).result();
      expect(added).toMatchObject({ listed: { added: 49 }, pending: 49, exit: 2 });
      // Queued once, however often it is listed.
      await new AddProcess(request('add', { paths: [`@${list}`], isListOnly: true }), node).result();
      const database = store.slice(store.lastIndexOf('/') + 1);
      const queued = "select count(*)::int as jobs from pgboss.job where name like 'scan-%'";
      expect(await server.sql(database, queued)).toEqual([{ jobs: 49 }]);

      // Workers have the rights of workers alone.
      await server.sql(database, 'create role test_worker login in role fleet_worker');
      const asWorker = { store: server.url(database, 'test_worker') };
      const killed = new AddProcess(request('work', asWorker), node);
      const other = new AddProcess(request('work', asWorker), node);
      // Both are at work, and most is left to do, however fast the machine is.
      while (scansIn(log) < 6) await sleep(10);
      await killed.killGroup();
      // The server is away for a moment.
      await server.stop('fast');
      await sleep(500);
      await server.startAgain();
      const empty = await new AddProcess(request('work', { ...asWorker, untilEmpty: true }), node).result();
      // It works on what is queued until no worker has a job.
      const last = await new AddProcess(request('add', { paths: [`@${list}`] }), node).result();
      expect(last).toMatchObject({ listed: { added: 0, unchanged: 49 }, pending: 1, exit: 1 });
      other.kill('SIGTERM');
      const results = [empty, await other.result()];
      expect(results[0]!.counts.scanned + results[1]!.counts.scanned).toBeGreaterThan(MADE.count / 2);
      const codes = results.flatMap(({ notices }) => notices.map((each) => each.split(' ')[0]));
      const known = ['scan-crashed', 'dump-dead', 'store-unreachable', 'queue-error', 'heartbeat-failed'];
      expect(codes.filter((code) => !known.includes(code!))).toEqual([]);
      expect(JSON.stringify(results).length).toBeLessThan(100_000);

      const content = await contentOf(store);
      expect(content).toMatchObject({ problems: [], failures: DEAD });
      const dead = await server.sql(database, "select data from pgboss.job where name = 'dead'");
      expect(dead).toMatchObject([{ data: { crashes: 3 } }]);
      const left =
        "select count(*)::int as jobs from pgboss.job where name like 'scan-%' and state <> 'completed'";
      expect(await server.sql(database, left)).toEqual([{ jobs: 0 }]);

      // The same answers as from files of this machine have nothing to do with who scanned.
      const scans = readFileSync(log, 'utf8').trim().split('\n');
      const harmless = scans.filter((each) => !each.includes('poison'));
      expect(harmless.length).toBeLessThanOrEqual(MADE.count + 1);
      expect(new Set(harmless.map((each) => each.replace(/.*(?:dump|copy)-/, ''))).size).toBe(MADE.count);
    });
    await web.stop();
  });

  test('has the same answers as a file for files of this machine, on any Node', async () => {
    await withTempDir(async (folder) => {
      const dumps = join(folder, 'dumps');
      mkdirSync(dumps);
      makeDumps(dumps, { ...MADE, count: 20 });
      const stores = [join(folder, 'store'), await server.newDatabase()];
      for (const store of stores)
        await new AddProcess({
          options: { store, paths: [dumps], jobs: 1, scanner: ONLY },
          heartbeat: 10,
        }).result();
      const [file, database] = await Promise.all(stores.map(contentOf));
      expect(file).toMatchObject({ problems: [], failures: DEAD });
      expect(database).toEqual(file);
    });
  });
});
