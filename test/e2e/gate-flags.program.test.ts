import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** What a report says of findings that do not fail the gate is true: the flags that it names change that. */

const token = githubToken(new SeededRandom('gate'));
/** A token whose checksum is wrong: severity and confidence are low. */
const spoilt = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;

async function scanned(
  cwd: string,
  flags: readonly string[],
): Promise<{ status: number | null; row: string }> {
  const { stdout, status } = await runCli(['scan', '--no-config', ...flags, 'dump'], { cwd });
  const section = /^Found, and does not fail the gate.*\n((?: .*\n)+)/m.exec(stdout)?.[1] ?? '';
  return { status, row: section };
}

test.each<[reason: string, content: string, flags: string[], said: RegExp]>([
  [
    'below the threshold',
    spoilt,
    [],
    /all fail the gate with (--fail-on \w+(?: --min-confidence \w+)?|--min-confidence \w+)/,
  ],
  ['baseline', token, ['--baseline', 'baseline.json'], /judged as new without (--baseline)/],
  ['allow list', token, ['--allow', 'known.env'], /judged as unknown without (--allow)/],
  ['kind', token, ['--fail-on-kind', 'private-key'], /judged with the others without (--fail-on-kind)/],
  [
    '--expect-absent',
    token,
    ['--find', 'other.env', '--expect-absent'],
    /judged with the others without (--expect-absent)/,
  ],
])('%s', (_, content, flags, said) =>
  withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'dump'), `\0\0${content}\0\0`);
    writeFileSync(join(cwd, 'known.env'), `TOKEN=${token}\n`);
    writeFileSync(join(cwd, 'other.env'), `OTHER_TOKEN=${githubToken(new SeededRandom('other'))}\n`);
    await runCli(['scan', '--no-config', '--exit-zero', '--write-baseline', 'baseline.json', 'dump'], {
      cwd,
    });
    const before = await scanned(cwd, flags);
    expect(before.status).toBe(0);
    const flag = said.exec(before.row)?.[1];
    expect(flag).toBeDefined();
    const taken = flags.indexOf(flag!);
    const given = flags.length - taken > 1 && !flags[taken + 1]!.startsWith('--') ? 2 : 1;
    const changed = taken < 0 ? [...flags, ...flag!.split(' ')] : flags.toSpliced(taken, given);
    const after = await scanned(cwd, changed);
    expect(after).toEqual({ status: 1, row: '' });
  }),
);
