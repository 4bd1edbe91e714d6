import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { isGone, workerName } from '../../../fleet/src/work/worker-name.js';

const isLinux = process.platform === 'linux';
const parts = (): string[] => workerName().split(' ');
/** The name with other parts: host, system, process id, start. */
const named = (changes: Partial<Record<0 | 1 | 2 | 3, string>>): string =>
  parts()
    .map((part, i) => changes[i as 0] ?? part)
    .join(' ');

describe('a worker', () => {
  test('has a name of its own', () => {
    expect(parts()[0]).toBe(hostname());
    expect(new Set([workerName(), workerName()]).size).toBe(2);
    expect(isGone(workerName())).toBe(false);
  });

  (isLinux ? test : test.skip).each<[string, string, boolean]>([
    ['whose process id is free', named({ 2: '4194304' }), true],
    ['whose process id has another process', named({ 2: '1' }), true],
    ['whose process began at another time', named({ 3: '1' }), true],
    ['of another host', named({ 0: 'elsewhere', 2: '4194304' }), false],
    ['of another boot or container', named({ 1: 'other/1', 2: '4194304' }), false],
    ['without a start', named({ 2: '4194304', 3: '' }), false],
    ['with a name of another form', 'worker', false],
  ])('%s is gone for certain, or not', (_what, name, gone) => {
    expect(isGone(name)).toBe(gone);
  });

  (isLinux ? test : test.skip)('is gone when its process has ended', () => {
    const module = new URL('../../../fleet/src/work/worker-name.js', import.meta.url).href;
    const script = `import { workerName } from ${JSON.stringify(module)}; process.stdout.write(workerName())`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout.split(' ')[0]).toBe(hostname());
    expect(isGone(stdout)).toBe(true);
  });
});
