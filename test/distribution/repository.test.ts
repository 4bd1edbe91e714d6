import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { findProgram } from '../support/programs.js';
import { scan } from '../support/scan.js';

const root = fileURLToPath(asset('.'));
const git = findProgram('git');
// A source tarball has no list of its files.
const describeInCheckout = git !== undefined && existsSync(asset('.git')) ? describe : describe.skip;

describeInCheckout('the repository', () => {
  /** Examples in rule files are divided, and stand beside names. */
  const NAMED = ['named-secret:*', 'service:*', 'password-*', 'oracle-url-password'];

  test('contains no key and no token', async () => {
    const list = execFileSync(git!, ['-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: root });
    const paths = list.toString().split('\0').filter(Boolean);
    const found: string[] = [];
    const there = paths.map((path) => `${root}${path}`).filter((path) => existsSync(path));
    for await (const event of scan({ paths: there, failOn: 'medium', skip: NAMED })) {
      if (event.type === 'finding' && event.counts) found.push(`${event.title} in ${event.location.path}`);
    }
    expect(there.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });
});
