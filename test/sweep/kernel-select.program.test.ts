import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { KERNELS } from '../../src/sweep/kernel-select.js';

const SCRIPT = `
  const room = ${JSON.stringify(new URL('../../src/sweep/', import.meta.url).href)};
  const { kernelName } = await import(room + 'kernel-select.js');
  const { compileLiterals } = await import(room + 'literals.js');
  const { SweepPool } = await import(room + 'pool.js');
  const bytes = new SharedArrayBuffer(9 * 2 ** 20);
  new Uint8Array(bytes).set(Buffer.from('ghp_'), bytes.byteLength - 4);
  const net = compileLiterals([{ bytes: Buffer.from('ghp_'), caseless: false, wide: true, rules: [] }]);
  const pool = new SweepPool(2);
  const found = [];
  const range = { from: 0, to: bytes.byteLength };
  const storage = { kind: 'memory', bytes, length: bytes.byteLength };
  for await (const { offsets } of pool.sweep(storage, net, range)) found.push(...offsets);
  console.log(kernelName(), found.join());
`;

/** The program does not close its pool: workers must not keep the process alive. */
const run = (kernel: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    env: { ...process.env, DUMPSIEVE_KERNEL: kernel },
    timeout: 300_000,
  });

describe('DUMPSIEVE_KERNEL', () => {
  test.each([...KERNELS])('selects %s', async (name) => {
    expect((await run(name)).stdout).toBe(`${name} ${9 * 2 ** 20 - 4}\n`);
  });

  test('empty selects the fastest kernel that this machine runs', async () => {
    expect((await run('')).stdout).toMatch(/^(relaxed|simd) \d+\n$/);
  });

  test('rejects an unknown name', async () => {
    await expect(run('turbo')).rejects.toThrow(/no-such-kernel/);
  });
});

/** Compiled only where sources or binaries have changed since they were written; at night always. */
test.each(['sweep', 'search', 'runs', 'containers'])(
  'the kernels of %s are what their sources compile to',
  (name) => {
    const script = asset(`build/kernels/${name}.mjs`);
    expect(() =>
      execFileSync(process.execPath, [script.pathname, '--check'], { stdio: 'pipe' }),
    ).not.toThrow();
  },
);
