import {
  appendFileSync,
  linkSync,
  mkdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { listDump, uriOf } from '../../../fleet/src/listing/list-dump.js';
import { withTempDir } from '../../support/folder.js';
import { list, uris, withAccess } from '../listed.js';

const token = githubToken(new SeededRandom('local files'));

/** A folder with dumps, a hidden one, links and names of all kinds. */
const withFiles = (body: (folder: string, uri: (path: string) => string) => Promise<void>): Promise<void> =>
  withTempDir(async (made) => {
    const folder = realpathSync(made);
    mkdirSync(join(folder, 'web1', '.hidden'), { recursive: true });
    mkdirSync(join(folder, 'web2'));
    for (const name of ['web1/core.1', 'web1/.hidden/core.2', 'web2/core 3', 'web2/note.txt'])
      writeFileSync(join(folder, name), `content of ${name}`);
    await body(folder, (path) => `file://${hostname()}${folder}/${path}`);
  });

describe('files of this machine', () => {
  test('are found in folders as a scan finds them, with URIs, versions and times', async () => {
    await withFiles(async (folder, uri) => {
      utimesSync(join(folder, 'web1/core.1'), 1, 1_796_173_323.5);
      const listed = await list([folder]);
      expect(uris(listed)).toEqual(
        ['web1/core.1', 'web2/core%203', 'web2/note.txt', 'web1/.hidden/core.2'].map(uri),
      );
      expect(listed.dumps[0]).toMatchObject({ size: 22, mtime: '2026-12-02T01:02:03.500Z' });
      expect(listed.codes).toEqual([]);
      expect(listed.wholes).toEqual([uri('')]);
    });
  });

  test('match globs', async () => {
    await withFiles(async (folder, uri) => {
      const listed = await list([join(folder, '*/core*')]);
      expect(uris(listed)).toEqual(['web1/core.1', 'web2/core%203'].map(uri));
      expect(listed.wholes).toEqual([]);
    });
  });

  test('are the same however their folder is named', async () => {
    await withFiles(async (folder, uri) => {
      symlinkSync(join(folder, 'web1'), join(folder, 'link'));
      const expected = [uri('web1/core.1')];
      for (const path of ['web1/core.1', 'web2/../web1/core.1', 'link/core.1', 'link/../web1/./core.1'])
        expect(uris(await list([`${folder}/${path}`]))).toEqual(expected);
      expect(uris(await list([`file://${folder}/web1/core.1`]))).toEqual(expected);
    });
  });

  test('with names that are not UTF-8 are kept as bytes', async () => {
    await withTempDir(async (folder) => {
      const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x63, 0xff, 0x0a])]);
      writeFileSync(name, 'content');
      const listed = await list([folder]);
      expect(uris(listed)).toEqual([`file://${hostname()}${realpathSync(folder)}/c%FF%0A`]);
    });
  });

  test.each<[string, (path: string) => void]>([
    ['content is added', (path) => appendFileSync(path, '.')],
    [
      'content of the same length takes its place, with the time set back',
      (path) => {
        writeFileSync(path, 'CONTENT of web1/core.1');
        utimesSync(path, 1, 1);
      },
    ],
    [
      'another file takes its place',
      (path) => {
        writeFileSync(`${path}.new`, 'content of web1/core.1');
        renameSync(`${path}.new`, path);
      },
    ],
  ])('have another version after %s', async (_name, change) => {
    await withFiles(async (folder) => {
      const path = join(folder, 'web1/core.1');
      utimesSync(path, 1, 1);
      const before = (await list([path])).dumps[0]!.version;
      expect((await list([path])).dumps[0]!.version).toBe(before);
      change(path);
      expect((await list([path])).dumps[0]!.version).not.toBe(before);
    });
  });

  test('are reported if they are missing, links to elsewhere, or empty', async () => {
    await withFiles(async (folder, uri) => {
      symlinkSync('/etc/hostname', join(folder, 'web2/outside'));
      linkSync(join(folder, 'web1/core.1'), join(folder, 'web2/same'));
      writeFileSync(join(folder, 'web2/empty.core'), '');
      const listed = await list([join(folder, 'web2'), join(folder, 'missing'), '-']);
      expect(uris(listed)).toEqual(['web2/core%203', 'web2/note.txt', 'web2/same'].map(uri));
      expect(listed.codes.sort()).toEqual([
        'incomplete device-refused',
        'incomplete path-missing',
        'strict files-empty',
        'strict link-outside',
      ]);
      expect(listed.wholes).toEqual([]);
      // A file that was named is scanned, which reports that it is empty.
      expect(uris(await list([join(folder, 'web2/empty.core')]))).toEqual([uri('web2/empty.core')]);
    });
  });

  test('of other machines and other schemes are refused', async () => {
    for (const input of ['file://elsewhere/core', 'gs://bucket/core', 'ftp://host/core'])
      await expect(list([input])).rejects.toMatchObject({ code: 'wrong-url', exit: 3 });
  });

  test('whose names hold a secret are refused, and shown masked', async () => {
    await withFiles(async (folder, uri) => {
      writeFileSync(join(folder, 'web1', `core-${token}`), 'content');
      const listed = await list([join(folder, 'web1')]);
      expect(uris(listed)).toEqual(['web1/core.1', 'web1/.hidden/core.2'].map(uri));
      expect(listed.codes).toEqual(['incomplete secret-in-name']);
      expect(JSON.stringify(listed)).not.toContain(token.slice(8, 20));
      expect(listed.notices[0]?.message).toContain('[masked: github-token]');
      expect(listed.wholes).toEqual([]);
    });
  });

  test('have what labels say', async () => {
    await withFiles(async (folder) => {
      writeFileSync(join(folder, 'web2', '20261202-010203.core'), 'content');
      const labels = ['host={host}/*', 'time={time}.core', 'host=/never/{host}'];
      const { dumps, codes } = await list([join(folder, 'web2')], { labels });
      expect(dumps[0]).toMatchObject({ host: 'web2', dumpedAt: '2026-12-02T01:02:03.000Z' });
      expect(dumps[1]).toMatchObject({ host: 'web2' });
      expect(dumps[1]).not.toHaveProperty('dumpedAt');
      expect(codes).toEqual(['note label-unused']);
      writeFileSync(join(folder, 'web2', 'x.core'), 'content');
      expect((await list([join(folder, 'web2')], { labels: ['time={time}.core'] })).codes).toEqual([
        'note label-no-time',
      ]);
    });
  });

  test('of each code of a notice are 100, and a number', async () => {
    const missing = Array.from({ length: 130 }, (_, i) => `/missing/${i}`);
    const { notices } = await list(missing);
    expect(notices).toHaveLength(101);
    expect(notices.at(-1)).toMatchObject({
      code: 'path-missing',
      effect: 'incomplete',
      message: '30 more of path-missing',
    });
  });

  test('are listed one by one by their URIs', async () => {
    await withFiles(async (folder) =>
      withAccess(async (access) => {
        const path = join(folder, 'web2/core 3');
        const [expected] = (await list([path], { labels: ['host={host}/*'] })).dumps;
        const options = { access, labels: [], onNotice: () => {} };
        const uri = await uriOf(path, access);
        const { host: _host, ...without } = expected!;
        expect(await listDump(uri, options)).toEqual(without);
        await expect(listDump(`${uri}.gone`, options)).rejects.toMatchObject({ code: 'object-gone' });
      }),
    );
  });
});

describe('@list', () => {
  test('names a path a line, without comments', async () => {
    await withFiles(async (folder, uri) => {
      const paths = ['web1/core.1\r', '', 'web2/core*'].map((path) =>
        path === '' ? '' : `${folder}/${path}`,
      );
      const text = ['\ufeff# dumps\r', ...paths, `#${folder}/web2/note.txt`].join('\n');
      writeFileSync(join(folder, 'list'), text);
      expect(uris(await list([`@${folder}/list`]))).toEqual(['web1/core.1', 'web2/core%203'].map(uri));
    });
  });

  test('has lines of a length that is bounded, and can be read', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'list'), 'a'.repeat(200_000));
      for (const name of ['list', 'missing'])
        await expect(list([`@${folder}/${name}`])).rejects.toMatchObject({
          code: 'list-unreadable',
          exit: 3,
        });
    });
  });

  test('of many lines is read batch by batch', async () => {
    await withTempDir(async (folder) => {
      const paths = Array.from({ length: 1050 }, (_, i) =>
        join(folder, `core.${String(i).padStart(4, '0')}`),
      );
      for (const path of paths) writeFileSync(path, '.');
      writeFileSync(join(folder, 'list'), paths.join('\n'));
      const listed = await list([`@${folder}/list`]);
      expect(listed.batches).toEqual([1000, 50]);
      expect(uris(listed)).toEqual(
        paths.map((path) => `file://${hostname()}${realpathSync(folder)}${path.slice(folder.length)}`),
      );
    });
  });
});
