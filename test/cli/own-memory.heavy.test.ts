import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { type CliOptions, hasReadInput, PIPE_FULL, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** Node can be made to write its memory to files, and what it reads to standard error. */

const random = new SeededRandom('own memory');
const posix = process.platform === 'win32' ? describe.skip : describe;

interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  /** Files that the run left in its folder. */
  left: string[];
}

/** Scans standard input in an empty folder; `during` runs once the scan has read its input so far. */
async function scanStdin(options: CliOptions, during?: (pid: number) => void): Promise<Ended> {
  return withTempDir(async (cwd) => {
    const run = startCli(['scan', '-'], { ...options, cwd });
    if (during !== undefined) {
      await hasReadInput(run);
      during(run.child.pid!);
    }
    const { status, signal, stderr } = await run.result;
    return { status, signal, stderr, left: readdirSync(cwd) };
  });
}

/** Standard input that does not end by itself. */
function openInput(): PassThrough {
  const input = new PassThrough();
  input.write(Buffer.alloc(PIPE_FULL));
  return input;
}

const NEAR_LIMIT = ['--heapsnapshot', 'near-heap-limit=2'].join('-');

describe('a setting that shows memory of the scan and cannot be turned off is refused:', () => {
  const rows: [name: string, options: CliOptions][] = [
    ['in NODE_OPTIONS', { env: { NODE_OPTIONS: `--max-old-space-size=64 ${NEAR_LIMIT}` } }],
    ['with a space', { env: { NODE_OPTIONS: NEAR_LIMIT.replace('=', ' ') } }],
    ['in quotes', { env: { NODE_OPTIONS: `"${NEAR_LIMIT}"` } }],
    ['with underscores', { env: { NODE_OPTIONS: NEAR_LIMIT.replaceAll(/(?<=\w)-/g, '_') } }],
    ['as a flag', { nodeFlags: [NEAR_LIMIT] }],
    ['NODE_DEBUG', { env: { NODE_DEBUG: 'stream' } }],
    ['NODE_DEBUG, with a pattern', { env: { NODE_DEBUG: 'str*' } }],
  ];

  test.each(rows)('%s', async (_name, options) => {
    const token = githubToken(random);
    const ended = await scanStdin({ ...options, input: token });
    expect(ended).toMatchObject({ status: 3, left: [] });
    expect(ended.stderr).toMatch(/unsafe-environment: .*\n +hint: run without it/);
    expect(ended.stderr).not.toContain(
      Buffer.from(token.slice(0, 8))
        .toString('hex')
        .replace(/..(?=.)/g, '$& '),
    );
  });
});

posix('no file is left', () => {
  /** Distinct tokens, which take more memory than the heap has. */
  const flood = (): string => Array.from({ length: 60_000 }, () => githubToken(random)).join('\n');

  test('when memory runs out', async () => {
    const flags = ['--max-old-space-size=20', '--report-on-fatalerror', '--report-directory=.'];
    const ended = await scanStdin({ nodeFlags: flags, input: flood() });
    expect(ended.signal ?? ended.status).not.toBe(0);
    expect(ended.stderr).toContain('heap out of memory');
    expect(ended.left.filter((name) => name !== 'core' && !name.startsWith('core.'))).toEqual([]);
  });

  test.each([
    ['a report', ['--report-on-signal', '--report-signal=SIGUSR2', '--report-directory=.']],
    ['a heap snapshot', ['--heapsnapshot-signal=SIGUSR2']],
  ])('when a signal requests %s', async (_what, nodeFlags) => {
    const ended = await scanStdin({ nodeFlags, input: openInput() }, (pid) => process.kill(pid, 'SIGUSR2'));
    expect(ended).toMatchObject({ signal: 'SIGUSR2', left: [] });
  });

  test('when an exception is not caught', async () => {
    await withTempDir(async (folder) => {
      const preload = join(folder, 'preload.cjs');
      writeFileSync(preload, "setTimeout(() => { throw new Error('late'); }, 0);");
      const nodeFlags = [
        '--abort-on-uncaught-exception',
        '--report-uncaught-exception',
        '--require',
        preload,
      ];
      const ended = await scanStdin({ nodeFlags, input: openInput() });
      expect(ended).toMatchObject({ status: 3, left: [] });
      expect(ended.stderr).toContain('internal error');
    });
  });
});

(process.platform === 'linux' ? test : test.skip)('a core dump of a scan has no memory', async () => {
  let filter = '';
  const input = openInput();
  const ended = await scanStdin({ input }, (pid) => {
    filter = readFileSync(`/proc/${pid}/coredump_filter`, 'utf8');
    input.end();
  });
  expect(Number.parseInt(filter, 16)).toBe(0);
  expect(ended.status).toBe(0);
});
