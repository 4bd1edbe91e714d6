import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chunksOf, codes, collect, program, sample, scratch } from './collect.js';

const files = scratch();
afterAll(() => files.remove());

const posix = process.platform === 'win32' ? test.skip : test;

describe('standard input', () => {
  test.each([
    ['memory', 1 << 20],
    ['sealed', 64 * 1024],
  ])('is spooled to %s', async (kind, memory) => {
    const bytes = sample(500_000);
    const stdin = Readable.from(chunksOf(bytes, 60_000));
    const all = await collect(['-', '-'], { stdin, spoolDir: files.folder }, { memory });
    expect(all.artifacts).toMatchObject([{ path: '-', kind, live: false, unread: [], warnings: [] }]);
    expect(all.artifacts[0]?.bytes.equals(bytes)).toBe(true);
  });

  test.each(['warn', 'error', 'ignore'] as const)(
    'without a byte is incomplete under --if-no-files %s',
    async (ifNoFiles) => {
      const all = await collect(['-'], { stdin: Readable.from([]), ifNoFiles });
      expect(all.artifacts).toMatchObject([{ path: '-', unread: [] }]);
      expect(codes(all)).toEqual(['incomplete empty-input']);
      for (const { message, hint } of all.notices) {
        expect(message).toBe('-: nothing arrived');
        expect(hint).toContain('pipefail');
      }
    },
  );

  test('a compressed core opens as -!content', async () => {
    const stdin = Readable.from(chunksOf(program('zstd', ['-qc'], sample(100_000)), 1000));
    const all = await collect(['-'], { stdin });
    expect(all.order).toEqual(['-', '-!content']);
    expect(all.artifacts[1]?.bytes.equals(sample(100_000))).toBe(true);
  });

  test('after an error keeps the bytes before it', async () => {
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.from('before');
        throw Object.assign(new Error('gone'), { code: 'EIO' });
      })(),
    );
    const all = await collect(['-'], { stdin });
    expect(all.artifacts[0]?.bytes.toString()).toBe('before');
    expect(all.artifacts[0]).toMatchObject({
      unread: [{ offset: 6, length: null }],
      warnings: [{ code: 'read-failed' }],
    });
  });

  test('ends with an abort', async () => {
    const stdin = new PassThrough();
    stdin.write('never ends');
    const abort = new AbortController();
    setImmediate(() => abort.abort(new Error('stopped')));
    await expect(collect(['-'], { stdin, signal: abort.signal })).rejects.toThrow('stopped');
    expect(stdin.destroyed).toBe(true);
    await expect(collect(['-'], { stdin: new PassThrough(), signal: abort.signal })).rejects.toThrow(
      'stopped',
    );
  });

  let listing: string;
  beforeAll(() => {
    const module = new URL('./collect.js', import.meta.url).href;
    listing = files.write(
      'list.mjs',
      `const { collect } = await import(${JSON.stringify(module)});
       const all = await collect(process.argv.slice(2));
       console.log(JSON.stringify([all.order, all.artifacts.map(({ bytes }) => bytes.toString('latin1'))]));`,
    );
  });

  async function output(child: ChildProcess): Promise<unknown> {
    let text = '';
    for await (const chunk of child.stdout ?? []) text += String(chunk);
    return JSON.parse(text);
  }

  const bash = (command: string): ChildProcess =>
    spawn('bash', ['-c', command, process.execPath, listing], { stdio: ['ignore', 'pipe', 'inherit'] });

  posix(
    'as a process substitution, a pipe, /dev/stdin, another descriptor and a redirected file',
    async () => {
      const [order, [, content]] = (await output(bash('"$0" "$1" <(printf core | zstd -qc)'))) as [
        string[],
        string[],
      ];
      expect(order[1]).toBe(`${order[0]}!content`);
      expect(content).toBe('core');
      expect(await output(bash('printf abc | "$0" "$1" - /dev/stdin /dev/fd/0'))).toEqual([['-'], ['abc']]);
      expect(await output(bash('printf abc | "$0" "$1" /dev/stdin'))).toEqual([['/dev/stdin'], ['abc']]);
      expect(await output(bash('exec 7< <(printf seven); "$0" "$1" /proc/self/fd/7'))).toEqual([
        ['/proc/self/fd/7'],
        ['seven'],
      ]);
      const file = files.write('redirected', 'file');
      expect(await output(bash(`"$0" "$1" - < ${file}`))).toEqual([['-'], ['file']]);
      expect(await output(bash(`"$0" "$1" /dev/stdin < ${file}`))).toEqual([['/dev/stdin'], ['file']]);
    },
  );

  posix('as the socket pair that a Node parent gives its child', async () => {
    const child = spawn(process.execPath, [listing, '/dev/stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('through a socket');
    expect(await output(child)).toEqual([['/dev/stdin'], ['through a socket']]);
  });
});
