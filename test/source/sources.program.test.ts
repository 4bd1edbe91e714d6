import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Sources } from '../../src/source/sources.js';
import type { SourceEvent } from '../../src/source/types.js';
import { codes, collect, collectEvents, program, readAll, sample, scratch, withInside } from './collect.js';

const files = scratch();
afterAll(() => files.remove());

let folders = 0;
/** A fresh folder with these files; returns its path. */
function tree(entries: Record<string, string | Uint8Array>): string {
  const name = `tree${folders++}`;
  fs.mkdirSync(path.join(files.folder, name));
  for (const [entry, bytes] of Object.entries(entries)) files.write(`${name}/${entry}`, bytes);
  return path.join(files.folder, name);
}

/** Paths and notices without the folder's own path. */
const below = (folder: string, order: string[]): string[] =>
  order.map((line) => line.replaceAll(`${folder}/`, ''));

const openFolder = (folder: string) =>
  withInside(new Sources([folder], { follow: false, ifNoFiles: 'warn' }).open());

const posix = process.platform === 'win32' ? test.skip : test;

describe('paths and folders', () => {
  test('a folder: everything in it, with dot files, in order of names, folder by folder', async () => {
    const folder = tree({
      'b.txt': 'b',
      a: 'a',
      '.hidden': 'h',
      'sub/c.png': 'c',
      '.git/d': 'd',
      'sub/deep/e': 'e',
      empty: '',
    });
    const all = await collect([folder]);
    const order = ['.hidden', 'a', 'b.txt', 'empty', '.git/d', 'sub/c.png', 'sub/deep/e'];
    expect(below(folder, all.order)).toEqual([...order, `files-empty ${folder}`]);
    expect(all.artifacts.map(({ bytes }) => bytes.toString()).join('')).toBe('habdce');
    for (const artifact of all.artifacts) {
      expect(artifact).toMatchObject({ live: true, kind: 'file', unread: [], warnings: [] });
      expect(Date.now() - (artifact.mtime?.getTime() ?? 0)).toBeLessThan(3_600_000);
    }
  });

  const odd = [
    'core.a\\x2eout',
    '[1]',
    '!not',
    'with space',
    '{a,b}',
    '*',
    '(x|y)',
    '-',
    'ünï',
    '\\[1\\]',
    '+(a)',
  ];
  posix.each(odd)('an argument that exists is a path, never a pattern: %s', async (name) => {
    const folder = tree({ [name]: name, 1: 'one', a: 'a', b: 'b' });
    const all = await collect([`${folder}/${name}`]);
    expect(all.artifacts.map(({ path: shown, bytes }) => [shown, bytes.toString()])).toEqual([
      [`${folder}/${name}`, name],
    ]);
  });

  posix('names with special characters of patterns are found by a walk', async () => {
    const names = [...odd, 'line\nfeed', 'return\r', '.\\x', '\\', '...', ' '];
    const folder = tree(Object.fromEntries(names.map((name) => [name, name])));
    const all = await collect([folder]);
    expect(all.artifacts.map(({ bytes }) => bytes.toString()).sort()).toEqual([...names].sort());
  });

  posix('names that are not UTF-8 can be opened, also in such folders', async () => {
    const folder = tree({});
    const sub = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9, 0xff])]);
    fs.mkdirSync(sub);
    fs.writeFileSync(Buffer.concat([sub, Buffer.from('/'), Buffer.from([0x80, 0x1b])]), 'latin');
    const all = await collect([folder]);
    expect(all.order).toEqual([`${folder}/\\xe9\\xff/\\x80\\x1b`]);
    expect(all.artifacts[0]?.bytes.toString()).toBe('latin');
    const globbed = await collect([`${folder}/??/*`]);
    expect(globbed.order).toEqual(all.order);
    const byBytes = await collect([
      Buffer.concat([Buffer.from(`${folder}/[\xe9x]`, 'latin1'), Buffer.from([0xff]), Buffer.from('/*')]),
    ]);
    expect(byBytes.order).toEqual(all.order);
    const lossy = await collect([`${folder}/\ufffd\ufffd`]);
    expect(lossy.notices).toMatchObject([{ code: 'path-missing', hint: expect.stringContaining('UTF-8') }]);
  });

  test('a missing path is reported, and the rest is scanned', async () => {
    const folder = tree({ a: 'a' });
    const all = await collect([`${folder}/none`, `${folder}/a/below`, 'nul\0', '', `${folder}/a`]);
    expect(codes(all)).toEqual(Array(4).fill('incomplete path-missing'));
    expect(all.artifacts).toHaveLength(1);
    for (const notice of all.notices) expect(notice.hint).toBeTruthy();
  });

  test.each([
    ['error', ['incomplete no-files']],
    ['warn', ['note no-files']],
    ['ignore', []],
  ] as const)('nothing to scan under --if-no-files %s', async (ifNoFiles, expected) => {
    const folder = tree({});
    fs.mkdirSync(`${folder}/sub`);
    for (const paths of [[folder], [`${folder}/*.core`], [`${folder}/none/**`], []]) {
      const all = await collect(paths, { ifNoFiles });
      expect(all.artifacts).toEqual([]);
      expect(codes(all)).toEqual(expected);
    }
  });

  test('two names of one file, and overlapping arguments, are scanned once', async () => {
    const folder = tree({ a: 'a', 'sub/b': 'b' });
    fs.linkSync(`${folder}/a`, `${folder}/sub/hard`);
    const all = await collect([`${folder}/a`, folder, `${folder}/sub`, `${folder}/sub/b`, `${folder}/a`]);
    expect(below(folder, all.order)).toEqual(['a', 'sub/b']);
  });

  test('a relative path is shown as it was given', async () => {
    const folder = path.relative(process.cwd(), tree({ a: 'a' }));
    const all = await collect([folder, `${folder}/`]);
    expect(all.order).toEqual([`${folder}/a`]);
  });
});

describe('globs', () => {
  posix.each([
    ['?', ['a', '\\xff', 'ä', 'あ', '😀'], false],
    ['x?', ['xä', 'xö'], false],
    ['x??', [], false],
    [`${'?'.repeat(90)}x`, [], false],
    ['[äa]', ['a', 'ä'], false],
    ['x[!a-f]', ['xä', 'xö'], false],
    ['[!b]', ['a', '\\xff', 'ä', 'あ', '😀'], true],
    ['[а-яä-ö]', ['ä'], true],
    ['@(x?|a)', ['a', 'xä', 'xö'], false],
    ['x[öü]', ['xö'], false],
  ])('%s matches whole characters', async (pattern, expected, andMore) => {
    const folder = tree({
      a: 'x',
      ä: 'x',
      あ: 'x',
      '😀': 'x',
      xä: 'x',
      xö: 'x',
      ['ä'.repeat(90)]: 'x',
      'two\nlines': 'x',
    });
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), 'x');
    const found = below(folder, (await collect([`${folder}/${pattern}`])).order);
    if (expected.length === 0) expect(found).toEqual([`no-files ${pattern}`]);
    else if (andMore) expect(found).toEqual(expect.arrayContaining(expected));
    else expect(found.sort()).toEqual([...expected].sort());
  });

  test.each([
    ['*.core', ['.x.core', 'a.core', 'b.core']],
    ['**/*.core', ['.x.core', 'a.core', 'b.core', 'sub/c.core', 'sub/d.core/e', 'x (1)/y [2].core']],
    ['{b,a}.core', ['b.core', 'a.core']],
    ['./*/../a.core', ['no-files ./*/../a.core']],
    ['[ab].core', ['a.core', 'b.core']],
    ['sub/*', ['sub/c.core', 'sub/d.core/e']],
    ['{sub,*}/c.core', ['sub/c.core']],
    ['\\a.core', ['a.core']],
    ['s?b/c.c???', ['sub/c.core']],
    ['?(sub)/c.[!?]o*', ['sub/c.core']],
    ['x (1)/*', ['x (1)/y [2].core']],
    ['x (1)/{y,z} \\[2\\].core', ['x (1)/y [2].core']],
    ['@(sub|x)/*.core', ['sub/c.core', 'sub/d.core/e']],
    ['!(a).core', ['.x.core', 'b.core']],
    ['!a.core', ['path-missing !a.core']],
  ])('%s', async (pattern, expected) => {
    const entries = [
      'a.core',
      'b.core',
      '.x.core',
      'sub/c.core',
      'sub/d.core/e',
      'x (1)/y [2].core',
      'other',
    ];
    const folder = tree(Object.fromEntries(entries.map((name) => [name, name])));
    const absolute = await collect([pattern.startsWith('!a') ? pattern : `${folder}/${pattern}`]);
    expect(below(folder, absolute.order)).toEqual(expected);
  });
});

describe('links', () => {
  posix(
    'named ones are followed; found ones are ignored inside, reported outside, a note if broken',
    async () => {
      const outside = tree({ o: 'outside', 'dir/p': 'p' });
      const folder = tree({ a: 'a', 'sub/b': 'b' });
      fs.symlinkSync('../a', `${folder}/sub/in`);
      fs.symlinkSync('.', `${folder}/sub/self`);
      fs.symlinkSync(folder, `${folder}/sub/up`);
      fs.symlinkSync(`${outside}/o`, `${folder}/out`);
      fs.symlinkSync(`${outside}/dir`, `${folder}/outdir`);
      fs.symlinkSync('nowhere', `${folder}/broken`);
      fs.symlinkSync('loop', `${folder}/loop`);
      const all = await collect([folder]);
      expect(below(folder, all.order)).toEqual([
        'a',
        'sub/b',
        'link-broken broken',
        'link-broken loop',
        'link-outside out',
        'link-outside outdir',
      ]);
      expect(codes(all)).toEqual([
        'note link-broken',
        'note link-broken',
        'strict link-outside',
        'strict link-outside',
      ]);

      const followed = await collect([folder], { follow: true });
      expect(followed.artifacts.map(({ bytes }) => bytes.toString())).toEqual(['a', 'b', 'outside', 'p']);

      const named = await collect([`${folder}/out`, `${folder}/outdir`, `${folder}/broken`]);
      expect(named.order).toEqual([`${folder}/out`, `${folder}/outdir/p`, `path-missing ${folder}/broken`]);
      expect(codes(named)).toEqual(['incomplete path-missing']);

      // Targets of links that another argument names are scanned anyway, in any order.
      const both = await collect([folder, outside]);
      expect(codes(both)).toEqual(['note link-broken', 'note link-broken']);
    },
  );

  posix('followed without cycles, also through links outside', async () => {
    const outside = tree({ x: 'x' });
    const folder = tree({ a: 'a' });
    fs.symlinkSync(outside, `${folder}/out`);
    fs.symlinkSync(folder, `${outside}/back`);
    fs.symlinkSync('..', `${outside}/up`);
    const inner = tree({});
    fs.symlinkSync(inner, `${outside}/further`);
    fs.writeFileSync(`${inner}/far`, 'far');
    const all = await collect([`${folder}`], { follow: true });
    const found = all.artifacts.map(({ bytes }) => bytes.toString());
    expect(found.slice(0, 2)).toEqual(['a', 'x']);
    expect(found.filter((bytes) => bytes === 'far')).toHaveLength(1);
    expect(found.filter((bytes) => bytes === 'a' && found.indexOf(bytes) > 0)).toEqual([]);
  });
});

describe('special files', () => {
  posix('found by a walk: a note each, without waiting for a writer', async () => {
    const folder = tree({ a: 'a' });
    execFileSync('mkfifo', [`${folder}/fifo`]);
    const server = net.createServer().listen(`${folder}/socket`);
    await new Promise((resolve) => server.once('listening', resolve));
    const all = await collect([folder]);
    expect(below(folder, all.order)).toEqual(['a', 'special-file fifo', 'special-file socket']);
    expect(codes(all)).toEqual(['note special-file', 'note special-file']);
    const named = await collect([`${folder}/socket`, '/dev/null']);
    expect(codes(named)).toEqual(['incomplete device-refused', 'incomplete device-refused']);
    await new Promise((resolve) => server.close(resolve));
  });

  posix('a named FIFO is read like standard input', async () => {
    const folder = tree({ plain: sample(300_000) });
    execFileSync('mkfifo', [`${folder}/fifo`]);
    const writer = spawn('sh', ['-c', `zstd -qc "${folder}/plain" > "${folder}/fifo"`]);
    const all = await collect([`${folder}/fifo`, `${folder}/fifo`]);
    expect(below(folder, all.order)).toEqual(['fifo', 'fifo!content']);
    expect(all.artifacts[0]).toMatchObject({ kind: 'memory', live: false, container: 'zstd' });
    expect(all.artifacts[1]?.bytes.equals(sample(300_000))).toBe(true);
    expect(writer.exitCode ?? 0).toBe(0);
  });

  posix.each([1, 3])('a named FIFO without a writer is given up after %d looks', async (fifoLooks) => {
    const folder = tree({ a: 'a' });
    execFileSync('mkfifo', [`${folder}/fifo`]);
    const all = await collect([`${folder}/fifo`, `${folder}/a`], {}, { fifoLooks });
    expect(below(folder, all.order)).toEqual(['no-writer fifo', 'a']);
    expect(codes(all)).toEqual(['incomplete no-writer']);
    expect(all.notices[0]?.hint).toBeTruthy();
  });

  posix('an abort ends the wait for a FIFO without a writer', async () => {
    const folder = tree({});
    execFileSync('mkfifo', [`${folder}/fifo`]);
    const abort = new AbortController();
    setImmediate(() => abort.abort(new Error('stopped')));
    await expect(collect([`${folder}/fifo`], { signal: abort.signal })).rejects.toThrow('stopped');
  });

  const linux = process.platform === 'linux' ? test : test.skip;

  linux('a file of /proc has size 0 and is read', async () => {
    const all = await collect(['/proc/self/cmdline']);
    expect(all.artifacts).toMatchObject([{ kind: 'memory', live: false, unread: [] }]);
    expect(all.artifacts[0]?.bytes.toString()).toContain('node');
  });

  posix('without permission a folder or file is reported, and the rest of the walk continues', async () => {
    const folder = tree({ a: 'a', shut: 's', 'closed/x': 'x', 'open/y': 'y', z: 'z' });
    fs.chmodSync(files.folder, 0o755);
    fs.chmodSync(`${folder}/shut`, 0);
    fs.chmodSync(`${folder}/closed`, 0);
    const root = process.geteuid?.() === 0;
    // Root can read everything, so the walk runs as an unprivileged user.
    if (root) process.seteuid?.(65534);
    const all = await collect([folder, `${folder}/closed/x`, `${folder}/shut`]).finally(() => {
      if (root) process.seteuid?.(0);
      fs.chmodSync(`${folder}/closed`, 0o700);
    });
    expect(below(folder, all.order)).toEqual([
      'a',
      'permission-denied shut',
      'z',
      'open/y',
      'permission-denied closed',
      'permission-denied closed/x',
    ]);
    for (const notice of all.notices)
      expect(notice).toMatchObject({ effect: 'incomplete', hint: expect.any(String) });
  });
});

describe('descriptors', () => {
  const open = (): number => (process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0);

  test('are all closed, however the walk ends', async () => {
    const folder = tree({ a: 'a', b: 'b', 'c.gz': program('gzip', ['-c'], sample(200_000)), d: 'd' });
    const before = open();
    await collect([folder], { spoolDir: files.folder }, { memory: 0 });
    expect(open()).toBe(before);
    for (let taken = 1; taken <= 5; taken++) {
      const abort = new AbortController();
      const held: SourceEvent[] = [];
      const options = {
        follow: false,
        ifNoFiles: 'warn',
        spoolDir: files.folder,
        signal: abort.signal,
      } as const;
      try {
        for await (const event of withInside(new Sources([folder], options, { memory: 0 }).open())) {
          held.push(event);
          if (held.length < taken) continue;
          if (taken % 2) break;
          abort.abort();
        }
      } catch (error) {
        expect(error).toBe(abort.signal.reason);
      }
      for (const event of held) if (event.type === 'opened') event.artifact?.close();
      expect(open()).toBe(before);
    }
  });

  test('of an artifact stay open after its container is closed and the walk has continued', async () => {
    const folder = tree({ 'a.gz': program('gzip', ['-c'], Buffer.from('first')), b: 'b' });
    const held: SourceEvent[] = [];
    for await (const event of openFolder(folder)) held.push(event);
    const contents = held.map((event) => {
      if (event.type === 'notice' || event.artifact === undefined) return event.type;
      const text = readAll(event.artifact.storage).toString('latin1');
      event.artifact.close();
      event.artifact.close();
      return text;
    });
    expect(contents.slice(1)).toEqual(['first', 'b']);
  });

  test('a walk applies back pressure', async () => {
    const entries = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`d${i % 20}/${i}`, 'x']));
    const folder = tree(entries);
    let read = 0;
    const events = openFolder(folder);
    for await (const event of events) {
      if (event.type === 'notice') continue;
      event.artifact?.close();
      if (++read === 3) break;
    }
    expect(read).toBe(3);
    expect((await collectEvents(openFolder(folder))).artifacts).toHaveLength(60);
  });
});
