import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runCli, runProgram } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { PYTHON } from '../support/programs.js';

/** Runs a command on a pseudo-terminal of 60 columns. */
const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 60, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    os.write(1, data)
`;

const DEEP = `${'a deep folder/'.repeat(8)}core dump`;

async function within<T>(run: (cwd: string) => Promise<T>): Promise<T> {
  return withTempDir((cwd) => {
    mkdirSync(join(cwd, DEEP, '..'), { recursive: true });
    writeFileSync(join(cwd, DEEP), `\0${githubToken(new SeededRandom('terminal'))}\0`);
    return run(cwd);
  });
}

const SENTENCE = /opens +(acts as .*)/;

test('output to a pipe or a file is not wrapped', () =>
  within(async (cwd) => {
    const { stdout } = await runCli(['scan', '--no-config', '--output', 'pretty=report', DEEP], { cwd });
    expect(stdout).toContain(`  in       ${DEEP}\n`);
    expect(stdout).toMatch(/^1 secret fails the gate; searched by [\d,]+ rules in .* bytes, in 1 file, in /m);
    expect(SENTENCE.exec(stdout)?.[1]?.length).toBeGreaterThan(60);
  }));

test('the file of --output json is named where the report says how to see more', () =>
  within(async (cwd) => {
    const moreOf = async (file: string) => {
      const { stdout } = await runCli(['scan', '--no-config', '--output', `json=${file}`, DEEP], { cwd });
      return /^ {2}more +(.*)$/m.exec(stdout)?.[1];
    };
    expect(await moreOf('my report.json')).toMatch(/^dumpsieve report 'my report\.json' [0-9a-f]{8}$/);
    const other = /^--output json=report\.json, then dumpsieve report report\.json [0-9a-f]{8}$/;
    expect(await moreOf(`${githubToken(new SeededRandom('name'))}.json`)).toMatch(other);
    expect(await moreOf('\u001b[31m.json')).toMatch(other);
  }));

describeWith(['python3'], 'output to a terminal', () => {
  test('is wrapped at its width, its paths are not', () =>
    within(async (cwd) => {
      const command = [process.execPath, fileURLToPath(asset('bin/dumpsieve.js'))];
      const flags = ['scan', '--no-config', '--no-progress', DEEP];
      const { stdout } = await runProgram(PYTHON, ['-c', ON_TERMINAL, ...command, ...flags], { cwd });
      const lines = stdout.replaceAll('\r', '').split('\n');
      expect(lines).toContain(`  in       ${DEEP}`);
      const wide = lines.filter((line) => line.length > 60 && !/^ {2}(?:in|look|more|id) /.test(line));
      expect(wide).toEqual([]);
    }));
});
