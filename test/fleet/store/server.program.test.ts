import { execFileSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import { migrate } from '../../../fleet/src/store/migrate.js';
import { openStore } from '../../../fleet/src/store/open.js';
import { openQuestions } from '../../../fleet/src/store/open-questions.js';
import { PostgresDriver } from '../../../fleet/src/store/postgres-driver.js';
import { postgresPlace } from '../../../fleet/src/store/postgres-place.js';
import { migratePostgres } from '../../../fleet/src/store/postgres-store.js';
import { SCHEMA_VERSION } from '../../../fleet/src/store/schema.js';
import type { Store } from '../../../fleet/src/store/store.js';
import * as host from '../../../src/index.js';
import { describeWith } from '../../support/describe.js';
import { TestPostgres } from '../postgres.js';
import { add, FAR, hex, LATER, listed, NOW, RULES, result, SCOPE, secret, TARGET } from './samples.js';

const coded = (code: string, exit: number) => expect.objectContaining({ code, exit });
const SHORT = { first: 200, again: 400 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describeWith(['postgresql', 'openssl'], 'a server', () => {
  let server: TestPostgres;
  let port: number;
  let certificates: string;
  beforeAll(async () => {
    useHost(host);
    certificates = mkdtempSync(join(tmpdir(), 'dumpsieve-tls-'));
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
        .concat(subject)
        .concat(['-keyout', 'server.key', '-out', 'server.crt']),
      { cwd: certificates, stdio: 'ignore' },
    );
    port = await freePort();
    server = await TestPostgres.start([`port=${port}`]);
  });
  afterAll(async () => {
    await server.remove();
    rmSync(certificates, { recursive: true });
  });

  const place = (database: string, user = 'postgres') => `${server.url(database, user)}?port=${port}`;
  const named = (url: string) => url.replace(/.*\//, '');
  const newPlace = async () => place(named(await server.newDatabase()));

  describe('roles', () => {
    let database: string;
    const as = (role: string) => place(database, role);
    const asRole = async (role: string, text: string) => {
      const driver = new PostgresDriver(postgresPlace(as(role)), SHORT);
      try {
        return await driver.all<Record<string, unknown>>(text);
      } finally {
        await driver.close();
      }
    };

    beforeAll(async () => {
      database = named(await server.newDatabase());
      expect(await migrate({ store: place(database) })).toEqual({ from: 0, to: SCHEMA_VERSION, roles: true });
      expect(await migrate({ store: place(database) })).toMatchObject({ from: SCHEMA_VERSION, roles: true });
      for (const role of ['admin', 'worker', 'reader'])
        await server.sql(database, `create role ${role}1 login in role fleet_${role}`);
    });

    test('an admin lists, stores, asks, forgets and migrates', async () => {
      const store = await openStore(as('admin1'));
      const [a] = await add(store, [listed('a', { host: 'web' })]);
      expect(await store.claim(SCOPE, 'w', FAR, 1)).toEqual([a]);
      expect(await store.store(a!, result('x', { findings: [secret('s')] }))).toBe(true);
      expect(await store.questions.standing()).toMatchObject({ done: 1 });
      expect(await store.questions.forget(['a'])).toMatchObject({ dumps: 1, findings: 1 });
      await store.close();
      expect(await migrate({ store: as('admin1') })).toMatchObject({ to: SCHEMA_VERSION });
    });

    test('a worker does all of its work, and reads no result', async () => {
      const admin = await openStore(as('admin1'));
      const [a, b, c, d] = await add(
        admin,
        ['a', 'b', 'c', 'd'].map((name) => listed(name)),
      );
      const store = await openStore(as('worker1'), { role: 'worker' });
      await store.useRuleset(RULES, [TARGET]);
      expect(await store.dump(a!.id)).toEqual(a);
      expect(await store.hasSize(100, a!.id)).toBe(true);
      expect(await store.claim(SCOPE, 'w', FAR, 1)).toEqual([a]);
      await store.renew('w', FAR);
      expect(await store.claimContent(hex('x'), RULES.digest, 'w', FAR, a!)).toBe(true);
      const found = result('x', {
        findings: [secret('s', { preview: 'pre' })],
        answers: [{ target: TARGET.digest, status: 'absent', complete: true }],
      });
      expect(await store.store(a!, found)).toBe(true);
      expect(await store.isScanned(hex('x'), RULES.digest)).toBe(true);
      await store.link(b!, hex('x'));
      const crash = { isCrash: true, code: 'crashed', message: '', isTemporary: false };
      expect(await store.fail(c!, RULES.digest, crash)).toEqual({ crashes: 1, dead: false });
      await store.release('w');
      expect((await store.pending(SCOPE)).dumps).toBe(2);
      expect(await store.list([listed('d', { version: 'd-2', host: 'web' }), listed('e')], LATER)).toEqual({
        ...{ added: 1, changed: 1, unchanged: 0 },
      });
      expect((await store.dump(d!.id))?.version).toBe('d-2');
      await store.close();
      await admin.close();
    });

    test.each([
      'select * from secret',
      'select preview from secret',
      'select 1 from finding',
      'select * from answer',
      'select host from object',
      'select at from object',
      'select program from scan',
      'select limits from scan',
      "insert into secret (fingerprint, kind, rule, title, severity, preview) values ('', '', '', '', 1, '')",
      'insert into finding values (1, 1, 1, 1, 1, $$$$)',
      'update scan set complete = 1',
      'delete from scan',
      'delete from object',
      'create table dumpsieve.mine (a int)',
      'update meta set value = 9',
    ])('a worker may not: %s', async (text) => {
      await expect(asRole('worker1', text)).rejects.toEqual(coded('store-refused', 3));
    });

    test.each([
      'insert into object (uri, version, size, first_seen, last_seen) values ($$x$$, $$1$$, 1, 1, 1)',
      'update object set done = 1',
      'delete from finding',
      'truncate secret',
      "select store_scan('{}')",
      'create table dumpsieve.mine (a int)',
      'create function dumpsieve.mine() returns int language sql as $$select 1$$',
    ])('a reader may not: %s', async (text) => {
      await expect(asRole('reader1', text)).rejects.toEqual(coded('store-refused', 3));
    });

    test('a reader asks, and changes nothing', async () => {
      const questions = await openQuestions(as('reader1'));
      expect(await questions.standing()).toMatchObject({ dumps: 5, done: 2 });
      await expect(questions.forget([])).rejects.toEqual(coded('store-refused', 3));
      await questions.close();
      const store = await openStore(as('reader1'), { role: 'reader' });
      await expect(store.list([listed('z')], NOW)).rejects.toEqual(coded('store-refused', 3));
      await expect(store.claim(SCOPE, 'w', FAR, 1)).rejects.toEqual(coded('store-refused', 3));
      await store.close();
    });

    test('results are stored as the admin, in tables of this schema alone', async () => {
      const [row] = await server.sql(
        database,
        `select pg_get_userbyid(proowner) as owner, prosecdef, proconfig
         from pg_proc where proname = 'store_scan'`,
      );
      expect(row).toEqual({
        owner: 'fleet_admin',
        prosecdef: true,
        proconfig: ['search_path=dumpsieve, pg_temp'],
      });
    });

    test('others may do nothing', async () => {
      await server.sql(database, 'create role stranger login');
      await expect(openStore(as('stranger'), { role: 'reader' })).rejects.toEqual(coded('store-refused', 3));
    });

    test.each([
      ['a member of fleet_admin', 'login in role fleet_admin', 'fleet_admin', 'fleet_admin'],
      ['a member where that role may make no schema', 'login in role fleet_admin', 'USER', 'fleet_admin'],
      ['a user who makes roles', 'login createrole', 'USER', 'USER'],
    ])('a store of %s has the same rights', async (_name, how, grantee, owner) => {
      const own = named(await server.newDatabase());
      const user = own.replace('test_', 'user_');
      await server.sql(own, `create role ${user} ${how}`);
      await server.sql(own, `grant create on database ${own} to ${grantee.replace('USER', user)}`);
      for (let i = 0; i < 2; i += 1)
        expect(await migrate({ store: place(own, user) })).toMatchObject({ roles: true });
      const store = await openStore(place(own, user));
      const [a] = await add(store, [listed('a')]);
      const worker = await openStore(place(own, 'worker1'), { role: 'worker' });
      expect(await worker.store(a!, result('x', { findings: [secret('s')] }))).toBe(true);
      const reader = await openQuestions(place(own, 'reader1'));
      expect(await reader.standing()).toMatchObject({ done: 1 });
      for (const each of [reader, worker, store]) await each.close();
      const owners = await server.sql(
        own,
        "select distinct tableowner as name from pg_tables where schemaname = 'dumpsieve'",
      );
      expect(owners).toEqual([{ name: owner.replace('USER', user) }]);
    });

    test('who may not make roles gets a store without them', async () => {
      const own = named(await server.newDatabase());
      await server.sql(own, `create role lonely login; grant create on database ${own} to lonely`);
      await server.sql(own, 'alter role fleet_reader rename to fleet_reader2');
      try {
        expect(await migrate({ store: place(own, 'lonely') })).toMatchObject({ roles: false });
        const store = await openStore(place(own, 'lonely'));
        const [a] = await add(store, [listed('a')]);
        expect(await store.store(a!, result('x', { findings: [secret('s')] }))).toBe(true);
        await store.close();
      } finally {
        await server.sql(own, 'alter role fleet_reader2 rename to fleet_reader');
      }
    });
  });

  describe('versions', () => {
    test('a store of version 1 becomes one of the present version, by an admin alone', async () => {
      const url = await newPlace();
      await expect(openStore(url, { role: 'worker' })).rejects.toEqual(coded('store-missing', 3));
      const driver = new PostgresDriver(postgresPlace(url));
      expect(await migratePostgres(driver, 1)).toMatchObject({ from: 0, to: 1 });
      const index = "select to_regclass('dumpsieve.secret_rule') is not null as there";
      expect(await driver.all(index)).toEqual([{ there: false }]);
      await expect(openStore(url, { role: 'reader' })).rejects.toEqual(coded('store-older', 3));
      const store = await openStore(url);
      expect(await driver.all(index)).toEqual([{ there: true }]);
      await store.close();
      await driver.all(`update dumpsieve.meta set value = '${SCHEMA_VERSION + 1}'`);
      for (const role of ['admin', 'worker', 'reader'] as const)
        await expect(openStore(url, { role })).rejects.toEqual(coded('store-newer', 3));
      await expect(migrate({ store: url })).rejects.toEqual(coded('store-newer', 3));
      await driver.close();
    });

    test('processes that open a new store at once all find it', async () => {
      const url = await newPlace();
      const stores = await Promise.all([openStore(url), openStore(url), openStore(url)]);
      for (const store of stores) await store.close();
    });
  });

  describe('a connection', () => {
    let url: string;
    let store: Store;
    beforeAll(async () => {
      url = await newPlace();
      store = await openStore(url);
      await add(store, [listed('a')]);
    });
    afterAll(() => store.close());

    test.each([
      ['a database that is missing', () => place('missing'), 'store-refused', 3],
      ['a user who is missing', () => place('postgres', 'missing'), 'store-refused', 3],
      ['a port without a server', () => 'postgres://postgres@127.0.0.1:1/x', 'store-unreachable', 2],
      ['a socket without a server', () => 'postgres://postgres@%2Fnone/x', 'store-unreachable', 2],
      ['a host that is missing', () => 'postgres://postgres@none.invalid/x', 'store-unreachable', 2],
    ])('%s', async (_name, at, code, exit) => {
      await expect(openStore(at(), { patience: SHORT })).rejects.toEqual(coded(code, exit));
    });

    test('that is lost is made anew: the server restarts, and work goes on', async () => {
      const held = store.claim(SCOPE, 'w', FAR, 1);
      await held;
      await server.stop('immediate');
      const waiting = store.release('w');
      await server.startAgain();
      await waiting;
      await server.stop('fast');
      await server.startAgain();
      expect(await store.claim(SCOPE, 'w', FAR, 1)).toHaveLength(1);
      await store.release('w');
    });

    test('that gives no answer is given up', async () => {
      const { config, shown } = postgresPlace(url);
      const driver = new PostgresDriver({ config: { ...config, query_timeout: 200 }, shown }, SHORT);
      await expect(driver.all('select pg_sleep(2)')).rejects.toEqual(coded('store-unreachable', 2));
      await expect(driver.transaction((sql) => sql.all('select pg_sleep(2)'))).rejects.toEqual(
        coded('store-unreachable', 2),
      );
      const long = driver.transaction((sql) => sql.all('select 1 as n, pg_sleep(0.4)'), { isLong: true });
      expect(await long).toMatchObject([{ n: 1 }]);
      await driver.close();
    });

    test('a transaction that loses it starts again', async () => {
      let runs = 0;
      const [a] = await store.claim(SCOPE, 'w', FAR, 1);
      const stored = await store.store(a!, result('x', { findings: [secret('s')] }), async (sql) => {
        runs += 1;
        if (runs > 1) return;
        const { rows } = await sql.executeSql('select pg_backend_pid() as pid', []);
        await server.sql('postgres', `select pg_terminate_backend(${(rows[0] as { pid: number }).pid})`);
        await sql.executeSql('select 1', []);
      });
      expect({ runs, stored }).toEqual({ runs: 2, stored: true });
    });

    test('is given up in bounded time', async () => {
      const impatient = await openStore(url, { patience: SHORT });
      await server.stop('fast');
      try {
        const start = Date.now();
        await expect(impatient.pending(SCOPE)).rejects.toEqual(coded('store-unreachable', 2));
        expect(Date.now() - start).toBeLessThan(5000);
      } finally {
        await server.startAgain();
        await impatient.close();
      }
    });
  });

  describe('TLS', () => {
    beforeAll(async () => {
      await server.stop('fast');
      const { uid, gid } = statSync(join(server.folder, 'data'));
      for (const name of ['server.key', 'server.crt']) {
        const copy = join(server.folder, 'data', name);
        copyFileSync(join(certificates, name), copy);
        chownSync(copy, uid, gid);
        if (name === 'server.key') execFileSync('chmod', ['600', copy]);
      }
      await server.startAgain(['ssl=on', 'listen_addresses=localhost']);
    });

    const tls = (host: string, settings: string) =>
      `postgres://postgres@${host}:${port}/postgres?sslmode=verify-full${settings}`;

    test('the certificate is checked, and its name', async () => {
      const known = `&sslrootcert=${join(certificates, 'server.crt')}`;
      const open = (url: string) => openStore(url, { role: 'reader', patience: SHORT });
      await expect(open(tls('localhost', known))).rejects.toEqual(coded('store-missing', 3));
      await expect(open(tls('127.0.0.1', known))).rejects.toEqual(coded('store-refused', 3));
      await expect(open(tls('localhost', ''))).rejects.toEqual(coded('store-refused', 3));
    });
  });
});
