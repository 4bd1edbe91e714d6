import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import { migrate } from '../../../fleet/src/store/migrate.js';
import { openStore } from '../../../fleet/src/store/open.js';
import { SCHEMA_VERSION, STEPS } from '../../../fleet/src/store/schema.js';
import { SqliteDriver } from '../../../fleet/src/store/sqlite-driver.js';
import { networkFileSystem, preparedFile } from '../../../fleet/src/store/sqlite-place.js';
import { migrateSqlite } from '../../../fleet/src/store/sqlite-store.js';
import * as host from '../../../src/index.js';
import { add, hex, listed, NOW, result, secret } from './samples.js';

let folder: string;
beforeAll(() => {
  useHost(host);
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const coded = (code: string, exit = 3) => expect.objectContaining({ code, exit });

describe('the file of a store', () => {
  test('is for its owner alone, with its log', async () => {
    const path = join(folder, 'mode');
    const before = process.umask(0);
    try {
      const store = await openStore(path);
      await add(store, [listed('a')]);
      expect(['', '-wal', '-shm'].map((end) => mode(`${path}${end}`))).toEqual(['600', '600', '600']);
      await store.close();
      chmodSync(path, 0o644);
      await (await openStore(path)).close();
      expect(mode(path)).toBe('600');
    } finally {
      process.umask(before);
    }
  });

  test('is made by an admin alone', async () => {
    const path = join(folder, 'missing');
    await expect(openStore(path, { role: 'reader' })).rejects.toEqual(coded('store-missing'));
    await expect(openStore(path, { role: 'worker' })).rejects.toEqual(coded('store-missing'));
    expect(existsSync(path)).toBe(false);
    await (await openStore(path)).close();
    await (await openStore(path, { role: 'reader' })).close();
  });

  test.each<[string, (path: string) => void, string]>([
    ['a text', (path) => writeFileSync(path, 'a text\n'), 'is not a store'],
    ['a folder', (path) => mkdirSync(path), 'is not a file'],
    [
      'the file of another program',
      (path) => {
        const other = new SqliteDriver(path, path);
        other.direct('create table t (a)');
        void other.close();
      },
      'of another program',
    ],
  ])('%s is refused, and left as it is', async (name, make, message) => {
    const path = join(folder, name);
    make(path);
    await expect(openStore(path)).rejects.toEqual(
      expect.objectContaining({ code: 'store-refused', exit: 3, message: expect.stringContaining(message) }),
    );
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('in a folder that is missing is refused', async () => {
    await expect(openStore(join(folder, 'none', 'store'))).rejects.toEqual(coded('store-refused'));
  });

  test('that cannot be made or read is refused, with the reason', async () => {
    symlinkSync('loop', join(folder, 'loop'));
    for (const name of ['x'.repeat(300), 'loop'])
      await expect(openStore(join(folder, name))).rejects.toMatchObject({
        code: 'store-refused',
        exit: 3,
        message: expect.stringContaining('cannot be opened: '),
      });
  });

  test('that is damaged is reported as such', async () => {
    const path = join(folder, 'damaged');
    const store = await openStore(path);
    await add(
      store,
      Array.from({ length: 300 }, (_, i) => listed(`dump-${i}`)),
    );
    await store.close();
    const bytes = Buffer.alloc(4096, 0x55);
    const pages = statSync(path).size / 4096;
    for (let page = 2; page < pages; page += 1)
      execFileSync('dd', [`of=${path}`, 'bs=4096', `seek=${page}`, 'conv=notrunc', 'status=none'], {
        input: bytes,
      });
    const again = await openStore(path).catch((error: unknown) => error);
    const error =
      again instanceof Error
        ? again
        : await (again as typeof store).digest().catch((reason: unknown) => reason);
    expect(error).toEqual(coded('store-damaged', 2));
  });

  test('shrinks, and keeps nothing of what is forgotten', async () => {
    const path = join(folder, 'shrink');
    const store = await openStore(path);
    const dumps = await add(
      store,
      Array.from({ length: 200 }, (_, i) => listed(`dump-${i}`)),
    );
    for (const [i, dump] of dumps.entries()) {
      const findings = Array.from({ length: 20 }, (__, j) =>
        secret(`${i}-${j}`, { preview: `forgetme-${i}` }),
      );
      await store.store(dump, result(`content ${i}`, { findings }));
    }
    await store.questions.forget(['dump-1?*']);
    await store.close();
    const before = statSync(path).size;
    const again = await openStore(path);
    expect(await again.questions.forget([])).toMatchObject({ scans: 90 });
    const size = statSync(path).size;
    expect(size).toBeLessThan(before / 2);
    for (const each of [path, `${path}-wal`]) expect(readFileSync(each, 'latin1')).not.toContain('forgetme');
    await again.close();
  });
});

describe('network file systems', () => {
  const info = [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '30 22 0:40 / /home/my\\040user rw - fuse.sshfs host:/ rw',
    '31 22 0:41 / /home rw - fuse.ntfs-3g /dev/sdb1 rw',
    '32 22 0:42 / /srv/bucket rw shared:1 - fuse.s3fs s3fs rw',
  ].join('\n');
  test.each([
    ['ext4', '/data', 0xef53, undefined],
    ['nfs', '/data', 0x6969, 'nfs'],
    ['cifs', '/data', 0xff534d42, 'cifs'],
    ['cifs, as a signed number', '/data', 0xff534d42 | 0, 'cifs'],
    ['smb2', '/data', 0xfe534d42, 'smb2'],
    ['9p', '/data', 0x01021997, '9p'],
    ['sshfs', '/home/my user/stores', 0x65735546, 'fuse.sshfs'],
    ['a disk by FUSE', '/home/other', 0x65735546, undefined],
    ['a bucket', '/srv/bucket', 0x65735546, 'fuse.s3fs'],
    ['a folder whose name begins alike', '/srv/bucket2', 0x65735546, undefined],
  ])('%s', (_name, path, type, expected) => {
    expect(networkFileSystem(path, type, () => info)).toBe(expected);
  });

  test('the temporary folder is on none', () => {
    expect(networkFileSystem(folder)).toBeUndefined();
  });

  test('a link is followed to where the file is', () => {
    const real = join(folder, 'real');
    writeFileSync(real, '');
    symlinkSync(real, join(folder, 'link'));
    expect(preparedFile(join(folder, 'link'), false)).toBe(join(folder, 'link'));
    expect(mode(real)).toBe('600');
  });
});

describe('versions of the schema', () => {
  test('a store of version 1 becomes one of the present version, with its results', async () => {
    const path = join(folder, 'version-1');
    const driver = new SqliteDriver(preparedFile(path, true), path);
    expect(await migrateSqlite(driver, 1)).toEqual({ from: 0, to: 1 });
    const indexes = "select name from sqlite_schema where name = 'secret_rule'";
    expect(driver.direct(indexes)).toEqual([]);
    driver.direct(
      `insert into object (uri, version, size, first_seen, last_seen) values ('file://here/a', '1', 5, 0, 0)`,
    );
    await driver.close();

    expect(await migrate({ store: path })).toEqual({ from: 1, to: SCHEMA_VERSION });
    expect(await migrate({ store: path })).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
    const store = await openStore(path);
    expect(await store.dump(1)).toEqual({ id: 1, uri: 'file://here/a', version: '1', size: 5 });
    await store.close();
    const after = new SqliteDriver(path, path);
    expect(after.direct(indexes)).toEqual([{ name: 'secret_rule' }]);
    await after.close();
    expect(STEPS.length).toBeGreaterThan(1);
  });

  test('opening one is enough', async () => {
    const path = join(folder, 'opened');
    const driver = new SqliteDriver(preparedFile(path, true), path);
    await migrateSqlite(driver, 1);
    await driver.close();
    const store = await openStore(path, { role: 'reader' });
    expect(await store.list([listed('a')], NOW)).toMatchObject({ added: 1 });
    expect(await store.isScanned(hex('a'), hex('b'))).toBe(false);
    await store.close();
  });

  test('a newer store is refused', async () => {
    const path = join(folder, 'newer');
    await (await openStore(path)).close();
    const driver = new SqliteDriver(path, path);
    driver.direct(`update meta set value = '${SCHEMA_VERSION + 1}' where name = 'schema_version'`);
    await driver.close();
    await expect(openStore(path)).rejects.toEqual(coded('store-newer'));
    await expect(openStore(path, { role: 'reader' })).rejects.toEqual(coded('store-newer'));
    await expect(migrate({ store: path })).rejects.toEqual(coded('store-newer'));
  });
});
