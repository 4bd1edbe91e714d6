import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import {
  digestOf,
  ended,
  fileDigest,
  firstTaken,
  look,
  started,
  type Watched,
  withWatched,
} from './watched.js';

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
        const content = randomBytes(6_000_000);
        writeFileSync(path('core'), content);
        const guard = open({ pattern: 'core', quiet: 1 });
        // It runs before the file is sealed: its start may take as long as the sealing.
        const writer =
          name === 'opened by a writer'
            ? await started('print(flush=True); sys.stdin.readline(); f = open(sys.argv[1], "ab")', [
                path('core'),
              ])
            : undefined;
        const looking = look(guard);
        const isSealing = () =>
          readdirSync(join(state, 'watched'), { recursive: true, encoding: 'utf8' }).some((each) =>
            each.endsWith('.draft'),
          );
        while (!isSealing()) await pause(1);
        change(watched);
        if (writer !== undefined) {
          writer.stdin!.write('\n');
          await once(writer.stdout!, 'data');
        }
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
      writeFileSync(path('core'), randomBytes(6_000_000));
      const stop = new AbortController();
      const looking = look(open(), stop.signal);
      while (left().length === 0) await pause(1);
      stop.abort(new Error('stopped'));
      await expect(looking).rejects.toThrow('stopped');
      expect([spooled(), left(), readdirSync(folder)]).toEqual([[], [], ['core']]);
      expect(readdirSync(join(state, 'spool'))).toEqual([]);
    }));
});
