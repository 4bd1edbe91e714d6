import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { shownSecrets } from '../support/naive-oracle.js';
import { dumps, secrets } from './fixture-secrets.js';
import { newerNode } from './newer-node.js';
import { TestPostgres } from './postgres.js';
import { WebServer } from './work/web-server.js';

/** No part of a secret of the fixtures is in a database, its queue, or what a worker writes. */

const BIN = fileURLToPath(asset('bin/dumpsieve.js'));

describeWith(['postgresql'], 'a worker and its server', () => {
  let server: TestPostgres;
  let node: string;
  beforeAll(async () => {
    [server, node] = await Promise.all([TestPostgres.start(['log_statement=all']), newerNode()]);
  });
  afterAll(() => server?.remove());

  /** Rows of all tables, by their names. */
  async function tables(database: string): Promise<[name: string, text: string][]> {
    const names = await server.sql(
      database,
      `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    return Promise.all(
      names.map(async ({ name }): Promise<[string, string]> => {
        const rows = await server.sql(database, `select row_to_json(t)::text as row from ${name} t`);
        return [String(name), rows.map(({ row }) => row).join('\n')];
      }),
    );
  }

  test('have no 12 bytes of a secret of the fixtures, in any encoding', () =>
    withTempDir(async (cwd) => {
      const web = await WebServer.start();
      for (const { name, bytes } of dumps) web.put(`/dumps/${name}`, Buffer.from(bytes));
      writeFileSync(join(cwd, 'list'), web.urls.join('\n'));
      const [signer] = dumps;
      const token = signer!.tokens.github!;
      writeFileSync(join(cwd, 'wanted.env'), `GITHUB_TOKEN=${token}\n`);
      writeFileSync(join(cwd, 'key.pem'), signer!.keys.rsa!.export({ format: 'pem', type: 'pkcs8' }));
      const find = ['--find', 'wanted.env', '--find', 'key.pem'];
      const url = await server.newDatabase();
      const written: [name: string, text: string][] = [];
      const hunt = async (...args: string[]): Promise<string> => {
        const line = [BIN, 'hunt', ...args, '--store', url, '--debug'];
        const output = await new Promise<string>((resolve) => {
          execFile(node, line, { cwd }, (_error, stdout, stderr) => resolve(stdout + stderr));
        });
        written.push([args.join(' '), output]);
        return output;
      };
      await hunt('add', '@list', '--no-scan', ...find);
      await hunt('work', '--until-empty', '--metrics', 'hunt.prom', ...find);
      await hunt('status');
      await hunt('query', '--key', 'wanted.env', '--key', 'key.pem', '--format', 'json');
      written.push(['metrics', readFileSync(join(cwd, 'hunt.prom'), 'utf8')]);
      written.push(...(await tables(url.slice(url.lastIndexOf('/') + 1))));
      await web.stop();

      const textOf = (name: string): string => written.find(([each]) => each === name)![1];
      expect(textOf('dumpsieve.secret').split('\n').length).toBeGreaterThan(5);
      expect(textOf('dumpsieve.answer')).toContain('present');
      expect(textOf('pgboss.job').split('\n').length).toBeGreaterThanOrEqual(dumps.length);
      expect(textOf('metrics')).toContain('dumpsieve');
      const shown = written.filter(([, text]) => shownSecrets(secrets, text).length > 0);
      expect(shown.map(([name]) => name)).toEqual([]);
    }));
});
