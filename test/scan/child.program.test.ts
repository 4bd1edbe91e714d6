import { execFileSync, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  type ChildLimits,
  type EachOptions,
  ScanChild,
  type ScanEvent,
  type ScannerOptions,
  type SourceInput,
  scan,
} from 'dumpsieve';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { withTempDir } from '../support/folder.js';

/** A scanner in a process of its own, against dumps that would end it. */

const dumps = fixtureDumps();
const quiet: SourceInput = { name: 'quiet', bytes: Buffer.from('nothing of interest') };

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const timeless = (events: readonly ScanEvent[]): unknown =>
  JSON.parse(
    JSON.stringify(events, (key, value) => (['startedAt', 'seconds'].includes(key) ? undefined : value)),
  );

async function withChild<T>(
  options: ScannerOptions,
  limits: ChildLimits,
  body: (child: ScanChild) => Promise<T>,
): Promise<T> {
  const child = await ScanChild.open(options, limits);
  try {
    return await body(child);
  } finally {
    await child.close();
  }
}

const failure = (events: AsyncIterable<ScanEvent>) =>
  collect(events).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Random bytes are searched for keys: half a minute of work in as many megabytes. */
const flood = (megabytes: number): SourceInput => ({
  name: 'flood',
  bytes: createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(
    Buffer.alloc(megabytes << 20),
  ),
});

/** A stream that never ends. */
async function* endless(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  await new Promise(() => {});
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie is no process any more.
    return !existsSync('/proc') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function untilGone(pid: number): Promise<void> {
  for (let i = 0; i < 200 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isAlive(pid)).toBe(false);
}

describe('a child', () => {
  test('gives the events of a scan for paths, buffers and streams, in one process', async () => {
    await withTempDir((folder) =>
      withChild({}, {}, async (child) => {
        const { pid } = child;
        expect(pid).not.toBe(process.pid);
        for (const { name, bytes } of dumps) {
          const path = join(folder, name);
          writeFileSync(path, bytes);
          const expected = await collect(scan({ paths: [path] }));
          expect(timeless(await collect(child.scan(path)))).toEqual(timeless(expected));
          async function* stream() {
            for (let at = 0; at < bytes.length; at += 7000) yield bytes.subarray(at, at + 7000);
          }
          for (const each of [bytes, stream()]) {
            const events = await collect(child.scan({ name: path, bytes: each }));
            const findings = (all: readonly ScanEvent[]) => all.filter(({ type }) => type === 'finding');
            expect(timeless(findings(events))).toEqual(timeless(findings(expected)));
          }
        }
        expect(child.pid).toBe(pid);
      }),
    );
  });

  test('names version and rules before its first scan', async () => {
    for (const options of [{}, { only: ['github-token'] }])
      await withChild(options, {}, async (child) => {
        const { tool } = child;
        expect(tool.rules.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect((await collect(child.scan(quiet)))[0]).toMatchObject({ type: 'run', tool });
      });
  });

  test('reports a stream that fails as unread from there on', async () => {
    async function* failing() {
      yield Buffer.from('the beginning');
      throw new Error('the connection was lost');
    }
    await withChild({}, {}, async (child) => {
      const events = await collect(child.scan({ name: 'cut', bytes: failing() }));
      expect(events.find(({ type }) => type === 'artifact')).toMatchObject({
        coverage: { file: { bytes: 13, unread: [{ offset: 13, length: null }] } },
      });
      expect(events.at(-1)).toMatchObject({ complete: false, exit: 2 });
      expect(events.at(-1)).toMatchObject({ type: 'summary' });
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true });
    });
  });

  test('obeys a signal, also where a stream has stopped', async () => {
    await withChild({}, {}, async (child) => {
      const { pid } = child;
      const each: EachOptions = { signal: AbortSignal.timeout(300) };
      const events = await collect(child.scan({ name: 'endless', bytes: endless() }, each));
      expect(events.at(-1)).toMatchObject({ type: 'summary', complete: false });
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true });
      expect(child.pid).toBe(pid);
    });
  });

  test('refuses wrong options, a second scan, and a scan after its end', async () => {
    await expect(ScanChild.open({ only: ['none'] })).rejects.toMatchObject({ code: 'unknown-rule', exit: 3 });
    await expect(ScanChild.open({}, { seconds: 0 })).rejects.toMatchObject({ code: 'wrong-option' });
    const child = await ScanChild.open();
    const first = child.scan(quiet);
    await first.next();
    expect(await failure(child.scan(quiet))).toMatchObject({ code: 'scanner-busy' });
    await first.return();
    const storage = {
      name: 'x',
      bytes: { kind: 'memory', bytes: new SharedArrayBuffer(8), length: 8 },
    } as const;
    expect(await failure(child.scan(storage))).toMatchObject({ code: 'wrong-option' });
    expect(await failure(child.scan(quiet))).toBeUndefined();
    await child.close();
    expect(await failure(child.scan(quiet))).toMatchObject({ code: 'scanner-closed' });
  });
});

describe('a source that ends its child', () => {
  const ends: [name: string, limits: ChildLimits, code: string][] = [
    ['takes longer than it may', { seconds: 1 }, 'scan-child-timed-out'],
    ['takes more memory than it may', { memory: 160 << 20 }, 'scan-child-out-of-memory'],
  ];
  test.each(ends)('%s', async (_, limits, code) => {
    await withChild({ effort: 'deep', jobs: 1 }, limits, async (child) => {
      const { pid } = child;
      expect(await failure(child.scan(flood(48)))).toMatchObject({ code, exit: 2 });
      await untilGone(pid!);
      // The next source has a new process.
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true, exit: 0 });
      expect(child.pid).not.toBe(pid);
    });
  });

  test('by a kill in the middle', async () => {
    await withChild({}, {}, async (child) => {
      const { pid } = child;
      const scanning = failure(child.scan({ name: 'endless', bytes: endless() }));
      setTimeout(() => process.kill(pid!, 'SIGKILL'), 300);
      expect(await scanning).toMatchObject({ code: 'scan-child-crashed', exit: 2 });
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true });
      expect(child.pid).not.toBe(pid);
    });
  });

  test('is not blamed for a child that was killed before it', async () => {
    await withChild({}, {}, async (child) => {
      const { pid } = child;
      process.kill(pid!, 'SIGKILL');
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true });
      expect(child.pid).not.toBe(pid);
    });
  });

  test('a caller that stops reading ends it', async () => {
    await withChild({}, {}, async (child) => {
      const { pid } = child;
      for await (const _ of child.scan(quiet)) break;
      await untilGone(pid!);
      expect((await collect(child.scan(quiet))).at(-1)).toMatchObject({ complete: true });
    });
  });
});

describe('the process of a child', () => {
  const inProc = existsSync('/proc/self/environ');

  (inProc ? test : test.skip)('has no secret in its arguments and its environment', async () => {
    const secret = githubToken(new SeededRandom('child environment'));
    process.env.TOKEN_OF_A_PARENT = secret;
    await withTempDir(async (folder) => {
      const file = join(folder, 'ours.env');
      writeFileSync(file, `TOKEN=${secret}\n`);
      await withChild({ find: [file] }, {}, async (child) => {
        await collect(child.scan({ name: `dump-${secret}`, bytes: Buffer.from(secret) }));
        for (const name of ['cmdline', 'environ'])
          expect(readFileSync(`/proc/${child.pid}/${name}`, 'latin1')).not.toContain(secret.slice(4, 20));
        expect(readFileSync(`/proc/${child.pid}/environ`, 'latin1')).toContain('PATH=');
        expect(readFileSync(`/proc/${child.pid}/coredump_filter`, 'latin1').trim()).toBe('00000000');
      });
    }).finally(() => {
      delete process.env.TOKEN_OF_A_PARENT;
    });
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('ends with its parent, by %s', async (signal) => {
    const script = fileURLToPath(new URL('./child-parent.js', import.meta.url));
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    await untilGone(pid);
  });

  test('does not keep an idle parent alive', () => {
    const module = import.meta.resolve('dumpsieve');
    const source = `const { ScanChild } = await import('${module}');
      const child = await ScanChild.open();
      for await (const event of child.scan({ name: 'x', bytes: Buffer.from('x') })) console.log(event.type);`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(printed.trim().split('\n')).toEqual(['run', 'artifact', 'summary']);
  });

  (inProc ? test : test.skip)('scans 200 sources with stable memory', async () => {
    await withChild({ jobs: 1 }, { memory: 1 << 30 }, async (child) => {
      const { pid } = child;
      const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
      // Those of growth-child.ts have keys; here each is little more than its messages.
      const bytes = Buffer.from(githubToken(new SeededRandom('many sources')));
      const scans = async (count: number) => {
        for (let i = 0; i < count; i++)
          expect((await collect(child.scan({ name: `${i}`, bytes }))).at(-1)).toMatchObject({ exit: 1 });
      };
      await scans(100);
      const before = resident();
      await scans(100);
      expect(resident()).toBeLessThan(1.25 * before);
      expect(child.pid).toBe(pid);
    });
  });
});
