import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { inCheckout, type Run, scan } from './checkout.js';

/** The program in a fresh checkout is never built by half; first-run.slow.test.ts has a whole build. */

/** Ends with a coded error as the last lines, and nothing on standard output. */
async function expectRefusal(run: Run, code: string, hint: RegExp): Promise<void> {
  expect([await run.status, run.stdout]).toEqual([3, '']);
  expect(run.stderr).toMatch(new RegExp(`^dumpsieve: ${code}: [^]+\n  hint: .+\n$`, 'm'));
  expect(run.stderr).toMatch(hint);
}

test('what cannot be built ends with a code, and says what to do', () =>
  inCheckout(async (root) => {
    // npx runs this unseen, before the program.
    const prepare = spawn(process.execPath, [join(root, 'build/build.mjs'), 'prepare'], {
      env: { ...process.env, npm_command: 'exec' },
    });
    expect(await once(prepare, 'close')).toEqual([0, null]);
    expect(existsSync(join(root, 'dist'))).toBe(false);

    chmodSync(root, 0o555);
    // Root may write everywhere: another user then.
    await expectRefusal(scan(root, process.getuid?.() === 0 ? 65_534 : undefined), 'not-built', /EACCES/);
    chmodSync(root, 0o755);

    writeFileSync(join(root, 'src/cli/main.ts'), 'const = 1;');
    await expectRefusal(scan(root), 'build-failed', /program: .*src\/cli\/main\.ts/s);
    expect(existsSync(join(root, 'dist/bundle'))).toBe(false);

    rmSync(join(root, 'node_modules'));
    await expectRefusal(scan(root), 'not-built', /run `npm ci --include=dev` in /);

    // A package has no build.
    rmSync(join(root, 'build'), { recursive: true });
    await expectRefusal(scan(root), 'installation-broken', /install the package again/);
  }));
