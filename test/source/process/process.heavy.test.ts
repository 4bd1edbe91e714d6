import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { runProgram, scanJson, startCli } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { startTarget, type Target } from '../../support/processes.js';
import { PYTHON } from '../../support/programs.js';
import { freshSecrets, writePem, writePrivate } from '../../support/secrets.js';

/**
 * Keeps the bytes of one file in the heap, and those of another in pages that no core has (MADV_DONTDUMP),
 * where the kernel itself writes them.
 */
const PROGRAM = `
import mmap, os, sys, time
with open(sys.argv[1], 'rb', buffering=0) as file:
    heap = file.read()
pages = mmap.mmap(-1, 65536, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
pages.madvise(mmap.MADV_DONTDUMP)
os.readv(os.open(sys.argv[2], os.O_RDONLY), [memoryview(pages)[4096:]])
print('ready', flush=True)
while True:
    time.sleep(0.001)
`;

const CLI = fileURLToPath(asset('bin/dumpsieve.js'));

const stateOf = (pid: number): string =>
  /^State:\t(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]!;

const isRunning = (pid: number): boolean => stateOf(pid) !== 'T';

/** A process that holds an EC key's halves, or one of them and nothing in the other place. */
async function withTarget(
  { heap, hidden }: Partial<Record<'heap' | 'hidden', Uint8Array>>,
  use: (target: Target, folder: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const paths = [heap, hidden].map((bytes = Buffer.of(0), i) => writePrivate(folder, `${i}`, bytes));
    const target = await startTarget(PYTHON, ['-c', PROGRAM, ...paths], { ready: 'ready' });
    try {
      await use(target, folder);
    } finally {
      await target.stop();
    }
  });
}

const { ec } = freshSecrets();
const scalar = Buffer.from(ec.export({ format: 'jwk' }).d!, 'base64url');
const spki = createPublicKey(ec).export({ type: 'spki', format: 'der' });

describeWith(['python3'], 'the memory of a running process', () => {
  test('is scanned, and the process runs again', () =>
    withTarget({ heap: scalar }, async ({ pid }, folder) => {
      const pem = writePem(folder, 'key.pem', ec);
      const { status, report } = await scanJson(['--find', pem, '--pid', String(pid)]);
      expect(status).toBe(1);
      const [artifact] = report.artifacts;
      expect(artifact).toMatchObject({
        ...{
          path: expect.stringMatching(`^process ${pid} \\(python3`),
          format: 'elf-core',
          process: { pid, running: true },
        },
        coverage: { file: { unread: [] } },
      });
      expect(artifact?.warnings.map(({ code }) => code)).toEqual(['registers-not-read']);
      const regions = report.findings.flatMap(({ occurrences }) =>
        occurrences.map(({ region }) => region.kind),
      );
      expect(new Set(regions)).toEqual(new Set(['heap']));
      expect(isRunning(pid)).toBe(true);
      const other = writePem(folder, 'other.pem', freshSecrets().ec);
      const absent = await startCli(['scan', '--find', other, '--expect-absent', '--pid', String(pid)])
        .result;
      expect([absent.status, absent.stdout]).toEqual([0, expect.stringContaining('absent from memory')]);
    }));

  test('that no core would have is searched, and fails the gate where it is asked for', () =>
    withTarget({ heap: spki, hidden: scalar }, async ({ pid }, folder) => {
      const alone = await scanJson(['--pid', String(pid)]);
      const left = alone.report.findings.filter(({ reason }) => reason === 'undumped');
      expect(left.flatMap(({ occurrences }) => occurrences.map(({ region }) => region.kind))).toEqual([
        'undumped',
      ]);
      expect(alone.status).toBe(0);
      expect((await scanJson(['--include-undumped', '--pid', String(pid)])).status).toBe(1);
      const pem = writePem(folder, 'key.pem', ec);
      expect((await scanJson(['--find', pem, '--expect-absent', '--pid', String(pid)])).status).toBe(1);
    }));

  test('of a process that was stopped stays as it was', async () => {
    await withTarget({}, async ({ pid }) => {
      process.kill(pid, 'SIGSTOP');
      while (isRunning(pid)) await sleep(5);
      expect((await scanJson(['--pid', String(pid)])).status).toBe(0);
      await sleep(50);
      expect(isRunning(pid)).toBe(false);
    });
  });

  test('is let go when the scan is killed', async () => {
    await withTarget({}, async ({ pid }) => {
      for (const wait of [0, 20, 60]) {
        const { child, result } = startCli(['scan', '--quiet', '--pid', String(pid)]);
        while (isRunning(pid) && child.exitCode === null) await sleep(1);
        await sleep(wait);
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        await result;
        for (let tries = 0; !isRunning(pid) && tries < 500; tries++) await sleep(10);
        expect(isRunning(pid)).toBe(true);
      }
    });
  });

  test.each([
    ['an ancestor of the scan', () => process.pid, 'process-refused'],
    ['a process that is not there', () => 2 ** 22 + 1, 'process-gone'],
  ])('is refused of %s', async (_what, pid, code) => {
    const { status, stderr } = await startCli(['scan', '--pid', String(pid())]).result;
    expect([status, stderr]).toEqual([3, expect.stringContaining(code)]);
  });
});

describeWith(['python3', 'root'], 'the memory of a process of another user', () => {
  test('is refused, with a hint', () =>
    withTarget({}, async ({ pid }) => {
      const other = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const args = [...other, process.execPath, CLI, 'scan', '--pid', String(pid)];
      const { status, stderr } = await runProgram('setpriv', args);
      expect([status, stderr]).toEqual([3, expect.stringMatching(/process-refused[\s\S]*hint: .*sudo/)]);
      expect(isRunning(pid)).toBe(true);
    }));
});
