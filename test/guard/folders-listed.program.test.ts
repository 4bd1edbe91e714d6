import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { HeldFolder } from '../../src/guard/folders/folders-place.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { ended, look, started, type Watched, withWatched } from './watched.js';

/** A user besides root. */
const OTHER = 65534;

describeWith(['age', 'zstd', 'mkfifo'], 'what is no file of the folder', () => {
  /** Makes it under the name `core`. */
  const OTHERS: Record<string, [reason: string, make: (watched: Watched) => unknown]> = {
    'a link to /etc/shadow': ['link', ({ path }) => symlinkSync('/etc/shadow', path('core'))],
    'a link that leads nowhere': ['link', ({ path }) => symlinkSync('nowhere', path('core'))],
    'a FIFO': ['special', ({ path }) => execFileSync('mkfifo', [path('core')])],
    'a socket': [
      'special',
      async ({ path }) => {
        const server = createServer().listen(path('core'));
        await once(server, 'listening');
        server.unref();
      },
    ],
    'a hard link': [
      'hard-link',
      ({ path, state }) => {
        writeFileSync(join(state, 'elsewhere'), 'not a dump');
        linkSync(join(state, 'elsewhere'), path('core'));
      },
    ],
    'a folder': ['folder', ({ path }) => mkdirSync(path('core'))],
    'an empty file': ['empty', ({ path }) => writeFileSync(path('core'), '')],
    'a file that its writer has locked': [
      'locked',
      ({ path }) => {
        writeFileSync(path('core'), 'x');
        writeFileSync(path('core.lock'), 'x');
      },
    ],
  };

  test.each(Object.entries(OTHERS))('%s: listed once, and left', (_, [reason, make]) =>
    withWatched(async (watched) => {
      const { path, open, spooled, folder } = watched;
      await make(watched);
      const before = readdirSync(folder);
      const guard = open({ pattern: 'core' });
      expect(await look(guard)).toEqual({
        taken: [],
        listed: [{ kind: 'listed', path: path('core'), reason, text: expect.any(String) }],
      });
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      expect(spooled()).toEqual([]);
      expect(readdirSync(folder)).toEqual(before);
    }),
  );

  test('a file for which the disk has no room: listed, and taken when there is', () =>
    withWatched(async ({ path, open }) => {
      writeFileSync(path('core'), 'four');
      let room = 3;
      const guard = open({}, (bytes) => bytes <= room);
      expect((await look(guard)).listed).toMatchObject([{ reason: 'no-room' }]);
      room = 4;
      expect((await look(guard)).taken).toHaveLength(1);
    }));
});

describeWith(['age', 'zstd', 'namespaces', 'root'], 'other file systems', () => {
  test('a file that is mounted into the folder is listed', () =>
    withWatched(async ({ path, open }) => {
      writeFileSync(path('core'), '');
      // /proc is a file system of its own, and root may mount a file of it.
      execFileSync('mount', ['--bind', '/proc/version', path('core')]);
      try {
        expect((await look(open())).listed).toMatchObject([{ reason: 'other-device' }]);
      } finally {
        execFileSync('umount', [path('core')]);
      }
    }));
});

describeWith(['age', 'zstd'], 'programs that fail', () => {
  test('age is missing', () =>
    withWatched(async ({ path, folder, open, left }) => {
      writeFileSync(path('core'), 'x');
      const before = process.env.PATH;
      process.env.PATH = folder;
      try {
        await expect(look(open())).rejects.toMatchObject({ code: 'guard-program-missing' });
      } finally {
        process.env.PATH = before;
      }
      expect([left(), readdirSync(folder)]).toEqual([[], ['core']]);
    }));

  test('recipients are damaged: listed after three attempts, and the file stays', () =>
    withWatched(async ({ path, folder, state, open, left }) => {
      writeFileSync(path('core'), 'x');
      writeFileSync(join(state, '../recipients'), 'age1damaged\n');
      const guard = open({ quiet: 1 });
      const listed: unknown[] = [];
      for (let i = 0; i < 6; i++) {
        listed.push(...(await look(guard)).listed);
        await pause(5);
      }
      expect(listed).toMatchObject([{ reason: 'unreadable' }]);
      expect([left(), readdirSync(folder)]).toEqual([[], ['core']]);
    }));
});

describeWith(['root'], 'folders of other users', () => {
  test.each([
    ['the folder', 'a'],
    ['a folder above it', '.'],
  ])('%s belongs to another: exit 3', (_, owned) =>
    withTempDir((root) => {
      mkdirSync(join(root, 'a'));
      chownSync(join(root, owned), OTHER, OTHER);
      expect(() => new HeldFolder(join(root, 'a'))).toThrow(
        expect.objectContaining({ exit: 3, message: expect.stringMatching(/belongs to (another )?user/) }),
      );
    }),
  );
});

describeWith(['age', 'zstd', 'python3', 'root'], 'a guard that is not root', () => {
  test('takes the files of its own user, and sees the writers among its own processes', () =>
    withWatched(async ({ folder, path, state, spooled, unsealed }) => {
      const root = join(folder, '..');
      writeFileSync(path('core'), 'whole');
      writeFileSync(path('open'), 'half');
      for (const name of ['.', 'dumps', 'dumps/core', 'dumps/open', 'state'])
        chownSync(join(root, name), OTHER, OTHER);
      const user = { uid: OTHER, gid: OTHER };
      const writer = await started('f = open(sys.argv[1], "ab")', [path('open')], user);
      const main = fileURLToPath(asset('dist/test/guard/folder-process.js'));
      const lines = execFileSync(process.execPath, [main, folder, state, join(root, 'recipients')], {
        ...user,
        encoding: 'utf8',
      });
      await ended(writer);
      const results = lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(results).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ kind: 'taken', path: path('core'), uid: OTHER }),
          expect.objectContaining({ kind: 'listed', path: path('open'), reason: 'in-use' }),
        ]),
      );
      expect(results).toHaveLength(2);
      expect(spooled().map((id) => unsealed(id).toString())).toEqual(['whole']);
    }));
});

describeWith(['age', 'zstd'], 'a folder that is replaced', () => {
  test('is opened anew, under the same conditions', () =>
    withWatched(async ({ folder, path, open }) => {
      const guard = open();
      rmSync(folder, { recursive: true });
      expect((await look(guard)).listed).toMatchObject([{ path: folder, reason: 'gone' }]);
      expect((await look(guard)).listed).toEqual([]);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      writeFileSync(path('core'), 'x');
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      chmodSync(folder, 0o700);
      expect((await look(guard)).taken).toHaveLength(1);
    }));

  test("the guard's own state is no folder of others", () =>
    withWatched(async ({ state, open }) => {
      expect(() => open({ path: join(state, 'spool') })).toThrow(expect.objectContaining({ exit: 3 }));
    }));
});
