import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import { asset } from '../../../src/core/base/runtime/assets.js';
import * as host from '../../../src/index.js';
import { describeWith } from '../../support/describe.js';
import { newerNode } from '../newer-node.js';
import { TestPostgres } from '../postgres.js';
import { deployFolder, manifestOf } from './manifests.js';

const run = promisify(execFile);

/** The trigger of the ScaledJob. */
const { triggers } = manifestOf('ScaledJob').spec as { triggers: { metadata: Record<string, string> }[] };
const trigger = triggers[0]!.metadata;

/** Five jobs of two rule sets and one of the dead: one is ended, one is under way. */
const QUEUED = `
import { PgBoss } from 'pg-boss';
const [host, database] = process.argv.slice(1);
const boss = new PgBoss({ host, database, user: 'hunt_worker', migrate: false, createSchema: false });
boss.on('error', (error) => { throw error; });
await boss.start();
for (const queue of ['scan-1', 'scan-1', 'scan-1', 'scan-2', 'scan-2', 'dead']) await boss.send(queue, { dump: 1 });
const [ended, ...held] = await boss.fetch('scan-1', { batchSize: 2 });
await boss.complete('scan-1', ended.id);
console.log(held.length);
await boss.stop({ graceful: false });
`;

const QUEUES = `
import { PgBoss } from 'pg-boss';
const [host, database] = process.argv.slice(1);
const boss = new PgBoss({ host, database, user: 'hunt_admin', migrate: false, createSchema: false });
await boss.start();
for (const queue of ['scan-1', 'scan-2', 'dead']) await boss.createQueue(queue);
await boss.stop({ graceful: false });
`;

describeWith(['postgresql'], 'the database of install/kubernetes/', () => {
  let server: TestPostgres;
  let database = '';

  beforeAll(async () => {
    useHost(host);
    const [started, node] = await Promise.all([TestPostgres.start(), newerNode()]);
    server = started;
    database = (await server.newDatabase()).replace(/.*\//, '');
    await server.sql(database, readFileSync(`${deployFolder}roles.sql`, 'utf8'));
    const bin = fileURLToPath(asset('bin/dumpsieve.js'));
    await run(node, [bin, 'hunt', 'migrate', '--store', server.url(database, 'hunt_admin')]);
    for (const script of [QUEUES, QUEUED])
      await run(node, ['--input-type=module', '-e', script, '--', server.folder, database], {
        cwd: fileURLToPath(asset('fleet/')),
      });
  });
  afterAll(() => server?.remove());

  const asked = (user: string, text: string) => server.sql(database, text, user);

  test("KEDA's query counts the jobs that wait, by the rights of its user", async () => {
    expect(await asked(trigger.userName!, trigger.query!)).toEqual([{ count: 3 }]);
  });

  test.each([
    ['hunt_scaler', 'select * from dumpsieve.finding'],
    ['hunt_scaler', 'delete from pgboss.job'],
    ['hunt_worker', 'select * from dumpsieve.finding'],
    ['hunt_worker', 'select preview from dumpsieve.secret'],
    ['hunt_reader', 'delete from dumpsieve.finding'],
  ])('%s may not: %s', async (user, text) => {
    await expect(asked(user, text)).rejects.toThrow('permission denied');
  });

  test('each user may do its work', async () => {
    expect(await asked('hunt_reader', 'select count(*) from dumpsieve.finding')).toEqual([{ count: 0 }]);
    expect(await asked('hunt_worker', 'select count(*) from pgboss.job')).toEqual([{ count: 6 }]);
  });
});
