import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { DumpsieveError, ScanChild, type ScanEvent, type SourceInput } from '../../src/index.js';
import { ChildHandle } from '../../src/scan/child/child-process.js';
import { failed } from '../../src/scan/child/messages.js';
import { withTempDir } from '../support/folder.js';

/** A child answers one request after the other, and none with what belongs to another. */

const random = new SeededRandom('requests to a child');
const quiet: SourceInput = { name: 'quiet', bytes: Buffer.from('nothing of interest') };
const withToken = (name: string): SourceInput => ({ name, bytes: Buffer.from(githubToken(random)) });
const module = import.meta.resolve('dumpsieve');

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const namesOf = (events: readonly ScanEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []));

const ours = () => new DumpsieveError({ code: 'of-the-caller', message: 'an error of the caller' });

/** Lines that a program prints. It has `ScanChild`, and `collect`, which gives the events of a scan. */
function printed(body: string, { cwd, files }: { cwd?: string; files?: number } = {}): string[] {
  const source = `const { ScanChild } = await import('${module}');
    const { openSync, closeSync } = await import('node:fs');
    const collect = async (events) => {
      const all = [];
      for await (const event of events) all.push(event);
      return all;
    };
    ${body}`;
  const limit = files === undefined ? '' : `ulimit -n ${files};`;
  const shell = `${limit} exec "$0" "$@"`;
  const parameters = ['-c', shell, process.execPath, '--input-type=module', '-e', source];
  return execFileSync('sh', parameters, { encoding: 'utf8', timeout: 60_000, cwd }).trim().split('\n');
}

describe('a scan that its caller has ended', () => {
  let child: ScanChild;
  beforeEach(async () => {
    child = await ScanChild.open();
  });
  afterEach(() => child.close());

  const ends: [name: string, end: () => Promise<unknown>][] = [
    [
      'by an error of onProgress',
      () =>
        collect(
          child.scan(quiet, {
            onProgress: () => {
              throw ours();
            },
          }),
        ),
    ],
    [
      'by throw',
      async () => {
        const events = child.scan(quiet);
        await events.next();
        await events.throw(ours());
      },
    ],
  ];
  test.each(ends)('%s, has no event in the next report', async (_, end) => {
    const { pid } = child;
    await expect(end()).rejects.toMatchObject({ code: 'of-the-caller' });
    const events = await collect(child.scan(withToken('next')));
    expect(namesOf(events)).toEqual(['next']);
    expect(events.at(-1)).toMatchObject({ type: 'summary', exit: 1 });
    expect(child.pid).not.toBe(pid);
  });

  test('before it was sent, leaves the child as it is', async () => {
    const { pid } = child;
    const bytes = { kind: 'memory', bytes: new SharedArrayBuffer(8), length: 8 } as const;
    await expect(collect(child.scan({ name: 'storage', bytes }))).rejects.toMatchObject({
      code: 'wrong-option',
    });
    expect(namesOf(await collect(child.scan(quiet)))).toEqual(['quiet']);
    expect(child.pid).toBe(pid);
  });

  test('by close, before it has begun, starts no other child', async () => {
    const events = child.scan(quiet);
    const first = events.next();
    await Promise.all([expect(first).rejects.toMatchObject({ code: 'scanner-closed' }), child.close()]);
    expect(child.pid).toBeUndefined();
  });
});

/**
 * Each file has eight messages, two of them progress: a count of messages that is a power of two is always
 * at the same one of them. Findings more in the first file: which one it is.
 */
test.each([0, 2, 4, 6])('more events than may be on their way, and progress in turns (%i)', async (more) => {
  await withTempDir(async (folder) => {
    const names = Array.from({ length: 30 }, (_, i) => join(folder, `${i + 100}`));
    const tokens = (count: number) =>
      Array.from({ length: count }, () => `${githubToken(random)}\n`).join('');
    for (const [i, name] of names.entries()) writeFileSync(name, tokens(i === 0 ? 3 + more : 3));
    const child = await ScanChild.open();
    try {
      let calls = 0;
      const onProgress = () => {
        calls++;
      };
      const events = await collect(child.scan(folder, { onProgress }));
      expect(events.filter(({ type }) => type === 'finding')).toHaveLength(3 * names.length + more);
      expect(calls).toBe(2 * names.length);
    } finally {
      await child.close();
    }
  });
});

test('a message of a request that is over is no answer to the next one', async () => {
  const handle = new ChildHandle({});
  const folder = process.cwd();
  const scan = (path: string) => handle.request({ type: 'scan', folder, source: { path }, progress: false });
  try {
    handle.request({ type: 'open', folder, options: {} });
    expect(await handle.next()).toMatchObject({ type: 'opened' });
    expect(handle.isBusy).toBe(false);
    scan('none-of-this-name');
    expect(await handle.next()).toMatchObject({ type: 'started' });
    scan('another');
    const rest = async () => {
      for (;;) expect(await handle.next()).toMatchObject({ request: 3 });
    };
    await expect(rest()).rejects.toMatchObject({ code: 'scan-child-crashed', exit: 2 });
  } finally {
    await handle.kill();
  }
});

test('an error that is not our own is named after its request, without its text', () => {
  const { notice } = failed('scan', new Error('secret')) as { notice: { message: string } };
  expect(notice.message).toMatch(/scan/);
  expect(notice.message).not.toMatch(/secret|open/);
  expect(failed('open', ours())).toEqual({ type: 'failed', notice: ours().notice(), exit: 3 });
});

describe('a relative path', () => {
  test('is of the working folder at its call, in a new process too', async () => {
    await withTempDir(async (folder) => {
      for (const name of ['one', 'two']) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'dump'), name.repeat(name === 'two' ? 301 : 300));
      }
      writeFileSync(join(folder, 'one', 'known.env'), `TOKEN=${githubToken(random)}`);
      const lines = printed(
        `const child = await ScanChild.open({ find: ['known.env'] });
        const scan = async () => {
          const events = await collect(child.scan('dump'));
          const { path, coverage } = events.find(({ type }) => type === 'artifact');
          console.log(path, coverage.file.bytes, events.at(-1).exit);
        };
        await scan();
        process.chdir('../two');
        await scan();
        process.kill(child.pid, 'SIGKILL');
        await scan();
        await child.close();`,
        { cwd: join(folder, 'one') },
      );
      const expected = ['dump 900 0', 'dump 903 0', 'dump 903 0'];
      expect(lines).toEqual(expected);
    });
  });
});

describe('without descriptors', () => {
  test('a child is not started, and is when there are some again', () => {
    const lines = printed(
      `const taken = [];
      try {
        for (;;) taken.push(openSync('/dev/null'));
      } catch {}
      await ScanChild.open().catch(({ name, code, exit, message }) => console.log(name, code, exit, message));
      for (const each of taken) closeSync(each);
      const child = await ScanChild.open();
      console.log((await collect(child.scan({ name: 'x', bytes: Buffer.from('x') }))).at(-1).exit);`,
      { files: 1000 },
    );
    expect(lines).toEqual([expect.stringMatching(/^DumpsieveError scan-child-crashed 2 .*EMFILE/), '0']);
  });
});
