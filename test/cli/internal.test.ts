import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/**
 * An internal error: its message may quote anything, secrets included, so only its kind and its frames are
 * reported.
 */

const BROKEN = `
const threads = require('node:worker_threads');
threads.Worker = class {
  constructor() { throw new RangeError('quotes what was scanned\\n    at /what/was/scanned'); }
};
`;

test.each([
  ['without --debug', [], 'run again with --debug', false],
  ['with --debug', ['--debug'], 'report this with the lines below', true],
])('%s', (_when, flags, hint, frames) =>
  withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'broken.cjs'), BROKEN);
    writeFileSync(join(cwd, 'dump'), Buffer.alloc(32 << 20));
    const nodeFlags = ['--require', join(cwd, 'broken.cjs')];
    const { status, stderr } = await runCli(['scan', '--no-config', '--jobs', '2', ...flags, 'dump'], {
      cwd,
      nodeFlags,
    });
    expect(status).toBe(3);
    expect(stderr).toContain('dumpsieve: internal error: RangeError');
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('what was scanned');
    expect(stderr).not.toContain('/what/was/scanned');
    expect(/^ {4}at .*dist\/bundle\/[\w-]+\.cjs:\d+:\d+\)?$/m.test(stderr)).toBe(frames);
  }),
);

test('a missing kernel is reported, although nothing can be masked without one', () =>
  withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'dump'), 'nothing here');
    const env = { DUMPSIEVE_KERNEL: 'turbo' };
    const { status, stderr } = await runCli(['scan', '--no-config', 'dump'], { cwd, env });
    expect(status).toBe(3);
    expect(stderr).toMatch(/^dumpsieve: no-such-kernel: .*\n {2}hint: unset DUMPSIEVE_KERNEL, or .*\n$/);
  }));
