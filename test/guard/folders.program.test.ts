import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { HeldFolder } from '../../src/guard/folders-place.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { PYTHON } from '../support/programs.js';
import { digestOf, fileDigest, firstTaken, look, type Watched, withWatched } from './watched.js';

/** A user besides root. */
const OTHER = 65534;

/** A program in Python that says when it is ready, and ends when its standard input does. */
async function started(
  code: string,
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): Promise<ChildProcess> {
  const script = `import sys\n${code}\nprint(flush=True)\nsys.stdin.read()`;
  const child = spawn(PYTHON, ['-c', script, ...args], { ...user, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin!.end();
  await once(child, 'exit');
}

describeWith(['age', 'zstd', 'python3'], 'watched folders', () => {
  test('a quiet file is sealed whole, then removed, once', () =>
    withWatched(async ({ folder, path, open, unsealed, info, spooled, left }) => {
      const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(2_000_000)]);
      writeFileSync(path('core.1'), content);
      utimesSync(path('core.1'), 1_700_000_000, 1_700_000_000);
      const guard = open();
      const { taken, listed } = await look(guard);
      expect(listed).toEqual([]);
      expect(taken).toEqual([
        {
          kind: 'taken',
          id: expect.stringMatching(/^1700000000-[0-9a-f]{8}-\d+-[0-9a-f]{16}$/),
          path: path('core.1'),
          uid: process.getuid!(),
          bytes: content.length,
          seconds: expect.any(Number),
        },
      ]);
      const [{ id, seconds }] = taken as [(typeof taken)[0]];
      expect(Math.abs(seconds! - (Date.now() / 1000 - 1_700_000_000))).toBeLessThan(60);
      expect(unsealed(id).equals(content)).toBe(true);
      expect(info(id)).toEqual({
        version: '1',
        time: '1700000000',
        uid: String(process.getuid!()),
        gid: String(process.getgid!()),
        source: folder,
        path: path('core.1'),
      });
      expect(readdirSync(folder)).toEqual([]);
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      expect(spooled()).toEqual([id]);
      expect(left()).toEqual([]);
    }));

  test('a file that stays is sealed once, over restarts, and again when it has changed', () =>
    withWatched(async ({ path, open, spooled, unsealed, left }) => {
      writeFileSync(path('a'), 'first');
      const [first] = (await look(open({ original: 'keep' }))).taken;
      expect(first).not.toHaveProperty('seconds');
      expect(unsealed(first!.id).toString()).toBe('first');
      expect((await look(open({ original: 'keep' }))).taken).toEqual([]);
      expect(spooled()).toHaveLength(1);
      appendFileSync(path('a'), ' second');
      const guard = open({ original: 'keep' });
      const [second] = (await look(guard)).taken;
      expect(unsealed(second!.id).toString()).toBe('first second');
      expect(left()).toEqual(['.sealed']);
      rmSync(path('a'));
      await look(guard);
      expect(left()).toEqual([]);
    }));

  test('a file that is not quiet waits', () =>
    withWatched(async ({ path, open }) => {
      writeFileSync(path('a'), 'x');
      const guard = open({ quiet: 400 });
      for (let i = 0; i < 4; i++) {
        expect(await look(guard)).toEqual({ taken: [], listed: [] });
        expect(guard.waiting).toBe(1);
        await pause(200);
        appendFileSync(path('a'), 'x');
      }
      const { seconds } = await firstTaken(guard);
      expect(seconds).toBeGreaterThanOrEqual(0.3);
      expect(guard.waiting).toBe(0);
    }));

  test('names that do not match are no dumps', () =>
    withWatched(async ({ path, open }) => {
      for (const name of ['a.dmp', 'a.meta', 'b.dmp', 'b.DMP', 'c.dmp.tmp']) writeFileSync(path(name), 'x');
      const { taken, listed } = await look(open({ pattern: '*.dmp' }));
      expect(taken.map((dump) => dump.path).sort()).toEqual([path('a.dmp'), path('b.dmp')]);
      expect(listed).toEqual([]);
    }));

  test('names of any bytes', () =>
    withWatched(async ({ folder, open, info, unsealed }) => {
      const name = Buffer.from([0x22, 0x0a, 0x27, 0xff, 0x24, 0x60]);
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), 'x');
      const [dump] = (await look(open())).taken;
      expect(dump!.path).toBe(join(folder, '"\\x0a\'\\xff$`'));
      expect(info(dump!.id).path).toBe(dump!.path);
      expect(unsealed(dump!.id).toString()).toBe('x');
      expect(readdirSync(folder)).toEqual([]);
    }));

  test('two hundred files at once', () =>
    withWatched(async ({ path, open, spooled, folder }) => {
      for (let i = 0; i < 200; i++) writeFileSync(path(`core.${i}`), '');
      for (let i = 0; i < 3; i++) writeFileSync(path(`core.${i}`), `content ${i}`);
      const { taken, listed } = await look(open());
      expect([taken.length, listed.length]).toEqual([3, 197]);
      expect(spooled()).toHaveLength(3);
      expect(readdirSync(folder)).toHaveLength(197);
    }));
});

describeWith(['age', 'zstd', 'python3'], 'files that are being written', () => {
  test.each([
    ['open for writing', 'f = open(sys.argv[1], "ab")'],
    ['open for reading and writing', 'f = open(sys.argv[1], "r+b")'],
    [
      'mapped to be written, and closed',
      'import mmap\nf = open(sys.argv[1], "r+b")\nm = mmap.mmap(f.fileno(), 0)\nf.close()',
    ],
  ])('%s: listed once, and taken when it is not', (_, code) =>
    withWatched(async ({ path, open, unsealed, spooled }) => {
      writeFileSync(path('core'), 'whole');
      const writer = await started(code, [path('core')]);
      const guard = open();
      const { taken, listed } = await look(guard);
      expect(taken).toEqual([]);
      expect(listed).toMatchObject([{ path: path('core'), reason: 'in-use' }]);
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      expect(spooled()).toEqual([]);
      await ended(writer);
      const [dump] = (await look(guard)).taken;
      expect(unsealed(dump!.id).toString()).toBe('whole');
    }),
  );

  test('open for reading only: taken', () =>
    withWatched(async ({ path, open }) => {
      writeFileSync(path('core'), 'whole');
      const reader = await started('f = open(sys.argv[1], "rb")', [path('core')]);
      expect((await look(open())).taken).toHaveLength(1);
      await ended(reader);
    }));

  test('written under another name, then renamed into place', () =>
    withWatched(async ({ path, open, unsealed, spooled }) => {
      writeFileSync(path('core.partial'), 'half');
      const guard = open({ pattern: '*.dmp' });
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      appendFileSync(path('core.partial'), ' whole');
      renameSync(path('core.partial'), path('core.dmp'));
      const { id } = await firstTaken(guard);
      expect(unsealed(id).toString()).toBe('half whole');
      expect(spooled()).toEqual([id]);
    }));

  /** Changes of the file while age reads it, and what is in the folder afterwards. */
  const CHANGES: Record<string, (watched: Watched) => void> = {
    'replaced by a rename': ({ path }) => {
      writeFileSync(path('.new'), 'replaced');
      renameSync(path('.new'), path('core'));
    },
    'appended to': ({ path }) => appendFileSync(path('core'), 'replaced'),
    cut: ({ path }) => truncateSync(path('core'), 8),
    'given to another name too': ({ path }) => linkSync(path('core'), path('other')),
    'opened by a writer': () => {},
    'replaced by a link': ({ path }) => {
      renameSync(path('core'), path('moved'));
      symlinkSync('/etc/shadow', path('core'));
    },
  };

  test.each(Object.entries(CHANGES))(
    'while it is being sealed, %s: no copy, and later the new one',
    (name, change) =>
      withWatched(async (watched) => {
        const { path, open, folder, state, spooled, unsealed, left } = watched;
        const content = randomBytes(20_000_000);
        writeFileSync(path('core'), content);
        const guard = open({ pattern: 'core', quiet: 1 });
        const looking = look(guard);
        const isSealing = () =>
          readdirSync(join(state, 'watched'), { recursive: true, encoding: 'utf8' }).some((each) =>
            each.endsWith('.draft'),
          );
        while (!isSealing()) await pause(1);
        change(watched);
        const writer =
          name === 'opened by a writer'
            ? await started('f = open(sys.argv[1], "ab")', [path('core')])
            : undefined;
        expect(await looking).toEqual({ taken: [], listed: [] });
        expect([spooled(), left()]).toEqual([[], []]);
        expect(existsSync(path('core')) || /link/.test(name)).toBe(true);
        if (writer !== undefined) await ended(writer);
        if (existsSync(path('other'))) rmSync(path('other'));
        const before = /link/.test(name) ? undefined : fileDigest(path('core'));
        if (before === undefined) {
          const { listed } = await look(guard);
          expect(listed).toMatchObject([{ reason: 'link' }]);
          expect(readdirSync(folder).sort()).toEqual(['core', 'moved']);
          return;
        }
        const { id } = await firstTaken(guard);
        expect(digestOf(unsealed(id))).toBe(before);
        expect(spooled()).toEqual([id]);
      }),
  );

  test('changed each time: listed after three attempts', () =>
    withWatched(async ({ path, open, state, spooled }) => {
      writeFileSync(path('core'), randomBytes(5_000_000));
      const guard = open({ quiet: 1 });
      const drafts = () =>
        readdirSync(join(state, 'watched'), { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.endsWith('.draft'),
        );
      const found: unknown[] = [];
      for (let tries = 0; tries < 3; ) {
        const looking = look(guard);
        const done = looking.then(() => true);
        while (drafts().length === 0 && !(await Promise.race([done, pause(1)])));
        if (drafts().length > 0) {
          appendFileSync(path('core'), 'x');
          tries++;
        }
        found.push(...(await looking).listed);
        await pause(5);
      }
      expect(found).toMatchObject([{ path: path('core'), reason: 'changing' }]);
      expect(await look(guard)).toEqual({ taken: [], listed: [] });
      expect(spooled()).toEqual([]);
    }));
});

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

describeWith(['age', 'zstd'], 'a guard that was killed', () => {
  /** The names that a guard has left, by the id; what the next one does is in the table below. */
  async function idOfNext(watched: Watched): Promise<string> {
    const [dump] = (await look(watched.open({ original: 'keep' }))).taken;
    rmSync(join(watched.state, 'watched'), { recursive: true });
    rmSync(join(watched.state, 'spool'), { recursive: true });
    return dump!.id;
  }

  test.each([
    ['a draft', ['.draft'], 1],
    ['a draft and its info', ['.draft', '.info.draft'], 1],
    ['a draft with its mark', ['.draft', '.sealed'], 1],
    ['a mark: the dump is in the spool or beyond', ['.sealed'], 0],
  ])('%s', (_, endings, sealedNow) =>
    withWatched(async (watched) => {
      const { path, open, state, folder, spooled, unsealed, left } = watched;
      writeFileSync(path('core'), 'content');
      const id = await idOfNext(watched);
      open().close();
      const [own] = readdirSync(join(state, 'watched'));
      for (const ending of endings) writeFileSync(join(state, 'watched', own!, id + ending), 'torn');
      const guard = open();
      const { taken } = await look(guard);
      expect(taken).toMatchObject([{ id, seconds: expect.any(Number) }]);
      expect(spooled()).toHaveLength(sealedNow);
      if (sealedNow > 0) expect(unsealed(id).toString()).toBe('content');
      expect(readdirSync(folder)).toEqual([]);
      expect(left()).toEqual([]);
    }),
  );

  test('stopped while sealing: nothing is left, and the file stays', () =>
    withWatched(async ({ path, folder, open, state, spooled, left }) => {
      writeFileSync(path('core'), randomBytes(20_000_000));
      const stop = new AbortController();
      const looking = look(open(), stop.signal);
      while (left().length === 0) await pause(1);
      stop.abort(new Error('stopped'));
      await expect(looking).rejects.toThrow('stopped');
      expect([spooled(), left(), readdirSync(folder)]).toEqual([[], [], ['core']]);
      expect(readdirSync(join(state, 'spool'))).toEqual([]);
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

describe('which folders may be watched', () => {
  const REFUSED: Record<string, [message: RegExp, make: (root: string) => string]> = {
    'one that is missing': [/no such file/, (root) => join(root, 'missing')],
    'a file': [
      /not a folder|ENOTDIR/,
      (root) => {
        writeFileSync(join(root, 'file'), '');
        return join(root, 'file');
      },
    ],
    'one that all may write to': [
      /others may write to it/,
      (root) => {
        mkdirSync(join(root, 'a'));
        chmodSync(join(root, 'a'), 0o1777);
        return join(root, 'a');
      },
    ],
    'one that a group may write to': [
      /others may write to it/,
      (root) => {
        mkdirSync(join(root, 'a'));
        chmodSync(join(root, 'a'), 0o770);
        return join(root, 'a');
      },
    ],
    'one below a folder that others may write to': [
      /others may write to .*open/,
      (root) => {
        mkdirSync(join(root, 'open/a'), { recursive: true });
        chmodSync(join(root, 'open'), 0o777);
        return join(root, 'open/a');
      },
    ],
    'a link': [
      /a link is in its path/,
      (root) => {
        mkdirSync(join(root, 'a'));
        symlinkSync('a', join(root, 'b'));
        return join(root, 'b');
      },
    ],
    'one behind a link': [
      /a link is in its path/,
      (root) => {
        mkdirSync(join(root, 'a/c'), { recursive: true });
        symlinkSync('a', join(root, 'b'));
        return join(root, 'b/c');
      },
    ],
  };

  test.each(Object.entries(REFUSED))('not %s: exit 3', (_, [message, make]) =>
    withTempDir((root) => {
      const folder = make(root);
      expect(() => new HeldFolder(folder)).toThrow(
        expect.objectContaining({
          exit: 3,
          code: 'guard-folder-refused',
          message: expect.stringMatching(message),
        }),
      );
    }),
  );

  test('one in a folder like /tmp, where names belong to their owners', () =>
    withTempDir((root) => {
      mkdirSync(join(root, 'tmp/a'), { recursive: true });
      chmodSync(join(root, 'tmp'), 0o1777);
      new HeldFolder(join(root, 'tmp/a')).close();
    }));

  test('names lead into the folder that was opened, not into another at its path', () =>
    withTempDir((root) => {
      const [folder, moved] = [join(root, 'a'), join(root, 'b')];
      mkdirSync(folder);
      writeFileSync(join(folder, 'core'), 'ours');
      const held = new HeldFolder(folder);
      renameSync(folder, moved);
      mkdirSync(folder);
      writeFileSync(join(folder, 'core'), 'theirs');
      expect(held.isInPlace()).toBe(false);
      held.remove(Buffer.from('core'));
      held.close();
      expect(readdirSync(moved)).toEqual([]);
      expect(readFileSync(join(folder, 'core'), 'utf8')).toBe('theirs');
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
