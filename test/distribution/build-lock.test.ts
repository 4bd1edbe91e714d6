import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { withTempDir } from '../support/folder.js';

/** Builds of one checkout wait for each other (build/lock.mjs). */

const LOCK = asset('build/lock.mjs').href;

/** Takes the lock of the working folder, and prints what it does. `work` has its process id. */
function holder(cwd: string, work: string): ChildProcess {
  const source = `import { underLock } from '${LOCK}';
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const log = (word) => appendFileSync('log', word + ' ' + process.pid + '\\n');
    await underLock('.', (pid) => console.log('waits for ' + pid), async () => { ${work} });`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [line] = await once(createInterface(stdout!), 'line');
  return line;
}

test('a lock whose holder was killed is taken by those that wait, by one at a time', () =>
  withTempDir(async (folder) => {
    const killed = holder(folder, `console.log('works'); await sleep(1e9);`);
    expect(await firstLine(killed)).toBe('works');
    const waiting = [1, 2].map(() => holder(folder, `log('begins'); await sleep(100); log('ends');`));
    expect(await Promise.all(waiting.map(firstLine))).toEqual(Array(2).fill(`waits for ${killed.pid}`));
    expect(existsSync(join(folder, 'log'))).toBe(false);
    const ended = waiting.map((child) => once(child, 'exit'));
    killed.kill('SIGKILL');
    expect(await Promise.all(ended)).toEqual(Array(2).fill([0, null]));
    const [one, two, ...others] = readFileSync(join(folder, 'log'), 'utf8').split(/(?<=ends \d+)\n/);
    const whole = waiting.map(({ pid }) => `begins ${pid}\nends ${pid}`).sort();
    expect([[one, two].sort(), others]).toEqual([whole, ['']]);
    expect(readdirSync(folder)).toEqual(['log']);
  }));
