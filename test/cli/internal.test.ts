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

/** Options of node without which V8 has no WebAssembly, or none with SIMD. */
const WITHOUT_SIMD = [['--jitless'], ...(process.arch === 'x64' ? [['--no-enable-sse4-1']] : [])];

test.each(WITHOUT_SIMD)('without WebAssembly SIMD nothing is scanned, as with node %s', (flag) =>
  withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'dump'), 'nothing here');
    const scan = ['scan', '--no-config', '--format', 'json', 'dump'];
    const { status, stdout, stderr } = await runCli(scan, { cwd, nodeFlags: [flag] });
    expect(status).toBe(3);
    expect(stdout).not.toContain('nothing-found');
    expect(stderr).toContain('dumpsieve: no-wasm-simd: ');
    expect(stderr).toContain('hint: use a 64-bit x86 processor with SSE4.1');
  }),
);
