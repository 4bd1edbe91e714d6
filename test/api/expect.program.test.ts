import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type DumpsieveMatchers, matchers } from '../../src/expect.js';
import { runProgram } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { startTarget } from '../support/processes.js';
import { PYTHON } from '../support/programs.js';
import { freshSecrets, writePem, writePrivate } from '../support/secrets.js';

declare module 'expect' {
  interface Matchers<R> extends DumpsieveMatchers<R> {}
}

beforeAll(() => expect.extend(matchers));

const { ec } = freshSecrets();
const scalar = Buffer.from(ec.export({ format: 'jwk' }).d!, 'base64url');

/** Reads a file into pages of its own that no core has; at the end of its input it overwrites them. */
const PROGRAM = `
import mmap, os, sys, time
pages = mmap.mmap(-1, 65536, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
pages.madvise(mmap.MADV_DONTDUMP)
os.readv(os.open(sys.argv[1], os.O_RDONLY), [memoryview(pages)[4096:]])
print('ready', flush=True)
os.read(0, 1)
pages[4096:8192] = bytes(4096)
print('gone', flush=True)
time.sleep(600)
`;

describeWith(['python3'], 'toHoldSecret', () => {
  test('is true while a process holds a key, and false when it has overwritten it', () =>
    withTempDir(async (folder) => {
      const file = writePem(folder, 'key.pem', ec);
      const target = await startTarget(PYTHON, ['-c', PROGRAM, writePrivate(folder, 'd', scalar)], {
        ready: 'ready',
      });
      try {
        await expect(target.child).toHoldSecret({ file });
        await expect(expect(target.pid).not.toHoldSecret({ file })).rejects.toThrow(
          /holds .*key\.pem:\n {2}d .* in undumped at 0x/,
        );
        const gone = new Promise((resolve) => target.child.stdout!.once('data', resolve));
        target.child.stdin!.write('x');
        await gone;
        await expect(target.pid).not.toHoldSecret({ file });
        await expect(expect(target.pid).toHoldSecret({ file })).rejects.toThrow(
          'all of its memory was searched',
        );
      } finally {
        await target.stop();
      }
    }));

  test('works in Vitest', () =>
    withTempDir(async (folder) => {
      const file = writePem(folder, 'key.pem', ec);
      const [held, clean] = [writePrivate(folder, 'held', scalar), writePrivate(folder, 'clean', 'nothing')];
      const vitest = new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
      writeFileSync(
        join(folder, 'a.test.mjs'),
        `import { expect, test } from ${JSON.stringify(new URL('dist/index.js', `file://${vitest}`).href)};
import { matchers } from ${JSON.stringify(new URL('../../bundle/expect.js', import.meta.url).href)};
expect.extend(matchers);
const file = ${JSON.stringify(file)};
test('held', () => expect(${JSON.stringify(held)}).toHoldSecret({ file }));
test('clean', () => expect(${JSON.stringify(clean)}).not.toHoldSecret({ file }));
test('held, and should not be', () => expect(${JSON.stringify(held)}).not.toHoldSecret({ file }));`,
      );
      const args = [vitest, 'run', '--root', folder, '--testTimeout', '60000', '--reporter', 'json'];
      const { stdout, stderr } = await runProgram(process.execPath, args, { cwd: folder });
      const { numPassedTests, numFailedTests } = JSON.parse(stdout || stderr) as Record<string, number>;
      expect([numPassedTests, numFailedTests]).toEqual([2, 1]);
    }));
});

describe('toHoldSecret of what cannot be searched', () => {
  test.each([
    ['an empty dump', ''],
    ['a core that is cut', Buffer.from('7f454c46020101000000000000000000', 'hex')],
  ])('%s is an error, also under not', (_what, content) =>
    withTempDir(async (folder) => {
      const file = writePem(folder, 'key.pem', ec);
      const dump = writePrivate(folder, 'core', content);
      await expect(expect(dump).not.toHoldSecret({ file })).rejects.toMatchObject({ code: 'not-searched' });
    }),
  );

  test.each([undefined, 0, 1.5, {}, ''])('%p is no holder', async (held) => {
    await expect(expect(held).toHoldSecret({ file: 'key.pem' })).rejects.toThrow(TypeError);
  });
});
