import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { newerNode } from '../newer-node.js';
import { TestPostgres } from '../postgres.js';
import { AddProcess, type AddRequest, contentOf } from './add-processes.js';
import { WebServer } from './web-server.js';

/** Seconds. */
const HEARTBEAT = 10;
/** Jobs that a worker has at once. */
const JOBS = 2;

describeWith(['postgresql'], 'jobs of a worker that is killed', () => {
  let server: TestPostgres;
  let node: string;
  beforeAll(async () => {
    [server, node] = await Promise.all([TestPostgres.start(), newerNode()]);
  });
  afterAll(() => server?.remove());

  test('are taken up by another within two heartbeats', async () => {
    const web = await WebServer.start();
    // The first GET of each dump does not end.
    let isLate = true;
    const names = Array.from({ length: JOBS }, (_, i) => `/dumps/${i}.core`);
    const middle = () => (isLate ? new Promise<void>(() => {}) : Promise.resolve());
    for (const name of names) web.put(name, Buffer.alloc(4096, name), middle);
    try {
      await withTempDir(async (folder) => {
        const list = join(folder, 'list');
        writeFileSync(list, web.urls.join('\n'));
        const store = await server.newDatabase();
        const database = store.slice(store.lastIndexOf('/') + 1);
        const request = (verb: 'add' | 'work', more: object): AddRequest => ({
          verb,
          options: { store, jobs: JOBS, scanner: { only: ['github-token'] }, ...more },
          heartbeat: HEARTBEAT,
        });
        await new AddProcess(request('add', { paths: [`@${list}`], isListOnly: true }), node).result();

        const killed = new AddProcess(request('work', {}), node);
        while (web.gets.length < JOBS) await sleep(20);
        const other = new AddProcess(request('work', {}), node);
        await sleep(3_000);
        expect(web.gets.length).toBe(JOBS);
        isLate = false;
        await killed.killGroup();
        const start = performance.now();
        while (web.gets.length < 2 * JOBS && performance.now() - start < 120_000) await sleep(20);
        const seconds = (performance.now() - start) / 1000;
        await new AddProcess(request('add', { paths: [`@${list}`] }), node).result();
        other.kill('SIGTERM');
        await other.result();
        expect(await contentOf(store)).toMatchObject({ problems: [], failures: [] });
        const left =
          "select count(*)::int as jobs from pgboss.job where name like 'scan-%' and state <> 'completed'";
        expect(await server.sql(database, left)).toEqual([{ jobs: 0 }]);
        expect(seconds).toBeLessThan(2 * HEARTBEAT);
      });
    } finally {
      await web.stop();
    }
  });
});
