import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { UrlQueries, webName } from '../../../fleet/src/listing/url-queries.js';
import { withTempDir } from '../../support/folder.js';
import { content, silence, status, until, withFaultyServer } from '../faulty-server.js';
import { list, uris } from '../listed.js';
import { setEnvironment } from '../s3.js';

/** Objects by URLs, from a server of this machine. */

const SIGNATURE = `sig=${Buffer.from(new SeededRandom('signature').bytes(24)).toString('hex')}`;

describe('URLs', () => {
  test('are listed by HEAD, in their order', async () => {
    await withFaultyServer(async (server) => {
      server.faults.set(
        '/a b',
        content('12345', '"v1"', { 'last-modified': 'Wed, 02 Dec 2026 01:02:03 GMT' }),
      );
      server.faults.set('/c', content('1', 'W/"weak"'));
      const listed = await list([`${server.url}/a b#part`, `${server.url}/c`]);
      expect(listed.dumps).toEqual([
        { uri: `${server.url}/a%20b`, size: 5, version: '"v1"', mtime: '2026-12-02T01:02:03.000Z' },
        { uri: `${server.url}/c`, size: 1, version: 'W/"weak";;1' },
      ]);
      expect(listed.codes).toEqual([]);
      expect(server.of('GET')).toBe(0);
    });
  });

  test('that are signed for GET alone are asked by it, and their bytes are not read', async () => {
    await withFaultyServer(async (server) => {
      const large = Buffer.alloc(50_000_000);
      server.faults.set('/a', (request, answer, count) =>
        request.method === 'HEAD'
          ? status(403)(request, answer, count)
          : content(large)(request, answer, count),
      );
      const listed = await list([`${server.url}/a?${SIGNATURE}`]);
      expect(listed.dumps).toEqual([{ uri: `${server.url}/a`, size: large.length, version: '"v1"' }]);
      // On a busy machine a request may be repeated.
      expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['HEAD', 'GET']));
      expect(new Set(server.requests.map(({ url }) => url))).toEqual(new Set([`/a?${SIGNATURE}`]));
    });
  });

  test('that fail are reported without their queries, and the others are listed', async () => {
    await withFaultyServer(async (server) => {
      server.faults.set('/gone', status(404));
      server.faults.set('/forbidden', status(403));
      server.faults.set('/broken', status(500));
      server.faults.set('/silent', silence);
      server.faults.set('/elsewhere', status(302, { location: 'http://169.254.169.254/' }));
      server.faults.set(
        '/endless',
        (_request, answer) => void answer.writeHead(200, { etag: '"v1"' }).end('.'),
      );
      server.faults.set('/late', until(2, status(503), content('1')));
      server.faults.set('/good', content('1'));
      const names = ['gone', 'forbidden', 'broken', 'silent', 'elsewhere', 'endless', 'late', 'good'];
      const listed = await list(names.map((name) => `${server.url}/${name}?${SIGNATURE}`));
      expect(uris(listed)).toEqual(['late', 'good'].map((name) => `${server.url}/${name}`));
      expect(listed.codes).toEqual(
        [
          'object-gone',
          'access-denied',
          'object-unreachable',
          'object-unreachable',
          'redirect-refused',
          'object-refused',
        ].map((code) => `incomplete ${code}`),
      );
      expect(JSON.stringify(listed)).not.toContain(SIGNATURE);
    });
  });

  test.each<[string, string]>([
    ['https://user:secret-word@host.example/a', 'url-with-password'],
    ['https://user@host.example/a', 'url-with-password'],
    ['http://host.example/a', 'url-not-encrypted'],
    ['http://localhost.example/a', 'url-not-encrypted'],
    ['http://127.0.0.1.example/a', 'url-not-encrypted'],
    ['https://169.254.169.254/latest/meta-data', 'address-refused'],
    ['https://[fe80::1]/a', 'address-refused'],
    ['https://[::ffff:169.254.169.254]/a', 'address-refused'],
    ['https://0/a', 'address-refused'],
    ['https://2852039166/a', 'address-refused'],
    ['https://exa mple/?secret-word', 'wrong-url'],
  ])('%s is refused', async (url, code) => {
    const { codes, notices, dumps } = await list([url]);
    expect(codes).toEqual([`incomplete ${code}`]);
    expect(dumps).toEqual([]);
    expect(JSON.stringify(notices)).not.toContain('secret-word');
  });

  test('with secrets in their paths are refused, and those of @list with a query are not shown', async () => {
    const token = githubToken(new SeededRandom('web'));
    await withFaultyServer((server) =>
      withTempDir(async (folder) => {
        for (const path of ['/a', `/${token}`]) server.faults.set(path, content('1'));
        writeFileSync(
          join(folder, 'list'),
          `${server.url}/a?${SIGNATURE}\n${server.url}/${token}?${SIGNATURE}\n`,
        );
        const listed = await list([`@${folder}/list`]);
        expect(uris(listed)).toEqual([`${server.url}/a`]);
        expect(listed.codes).toEqual(['incomplete secret-in-name']);
        expect(JSON.stringify(listed)).not.toContain(SIGNATURE);
        expect(JSON.stringify(listed)).not.toContain(token.slice(8, 20));
      }),
    );
  });
});

describe('queries of the environment', () => {
  test('sign the URLs below their prefix, and no others', async () => {
    await withFaultyServer(async (server) => {
      for (const path of ['/container/a', '/container/b']) server.faults.set(path, content('1'));
      server.faults.set('/other', content('1'));
      const restore = setEnvironment({ DUMPSIEVE_URL_QUERY: `${server.url}/container/ ?${SIGNATURE}\n` });
      try {
        await list([`${server.url}/container/a`, `${server.url}/other`, `${server.url}/container/b?own=1`]);
      } finally {
        restore();
      }
      const urls = server.requests.map(({ url }) => url).sort();
      expect(urls).toEqual([`/container/a?${SIGNATURE}`, '/container/b?own=1', '/other']);
    });
    const queries = new UrlQueries(`https://host.example ${SIGNATURE}`);
    expect(queries.signed('https://host.example/a').href).toBe(`https://host.example/a?${SIGNATURE}`);
    expect(queries.signed('https://host.example.evil.example/a').search).toBe('');
    queries.keep(webName('https://host.example/b?own=1'));
    expect(queries.signed('https://host.example/b').search).toBe('?own=1');
    queries.forget();
    expect(queries.signed('https://host.example/b').search).toBe(`?${SIGNATURE}`);
  });

  test.each([
    'sig=secret-word',
    'http://host.example/ sig=secret-word',
    'https://u:secret-word@host.example/ a=b',
  ])('that are wrong are not shown: %s', (variable) => {
    expect(() => new UrlQueries(variable)).toThrow(
      expect.objectContaining({
        code: 'wrong-url-query',
        message: expect.not.stringContaining('secret-word'),
      }),
    );
  });

  test('are bounded', () => {
    const queries = new UrlQueries('');
    const keepAll = () => {
      for (let i = 0; i <= 100_000; i++) queries.keep({ uri: `https://host.example/${i}`, query: 'a=b' });
    };
    expect(keepAll).toThrow(expect.objectContaining({ code: 'too-many-signed-urls', exit: 3 }));
  });
});
