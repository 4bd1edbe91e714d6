import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

const MB = 1e6;

async function saidOnStandardError(flags: readonly string[]): Promise<string> {
  return withTempDir(async (cwd) => {
    const token = githubToken(new SeededRandom('progress'));
    writeFileSync(join(cwd, 'first'), Buffer.concat([Buffer.from(token), Buffer.alloc(3 * MB)]));
    writeFileSync(join(cwd, 'second'), Buffer.alloc(4 * MB));
    // An environment of its own: the warm process has no standard error.
    const { status, stderr } = await runCli(['scan', ...flags, 'first', 'second'], { cwd, env: {} });
    expect(status).toBe(1);
    return stderr;
  });
}

test('progress tells bytes, speed, time left and findings so far', async () => {
  const text = await saidOnStandardError(['--progress']);
  expect(text).toMatch(/100% \| 7 MB of 7 MB \| \d+\.\d\d GB\/s \| ETA \d+s \| 1 found/);
});

test.each([[[]], [['--no-progress']]])(
  'there is none where standard error is no terminal, %j',
  async (flags: string[]) => {
    expect(await saidOnStandardError(flags)).toBe('');
  },
);
