import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { findProgram } from '../support/programs.js';
import { scan } from '../support/scan.js';

const root = fileURLToPath(asset('.'));
const git = findProgram('git');
// A source tarball has no list of its files.
const describeInCheckout = git !== undefined && existsSync(asset('.git')) ? describe : describe.skip;

/** Examples of rules are divided: the first piece looks like the name of the second. */
const BESIDE_NAMES = ['named-secret:*', 'service:*', 'password-in-text'];

/** Findings that count from severity medium on. */
async function counting(paths: string[], skip: string[] = []): Promise<string[]> {
  const found: string[] = [];
  for await (const event of scan({ paths, failOn: 'medium', ...(skip.length > 0 ? { skip } : {}) }))
    if (event.type === 'finding' && event.counts) found.push(`${event.title} in ${event.location.path}`);
  return found;
}

describeInCheckout('the repository', () => {
  test('contains no key and no token', async () => {
    const list = execFileSync(git!, ['-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: root });
    const paths = list.toString().split('\0').filter(Boolean);
    const there = paths.map((path) => `${root}${path}`).filter((path) => existsSync(path));
    const isRule = (path: string) => path.startsWith(`${root}rules/`);
    const found = [
      ...(await counting(there.filter((path) => !isRule(path)))),
      ...(await counting(there.filter(isRule), BESIDE_NAMES)),
    ];
    expect(there.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });
});
