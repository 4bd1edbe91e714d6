import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { runBash, runProgram } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { startTarget } from '../../support/processes.js';
import { program } from '../../support/programs.js';
import { type Guard, SEAL, until, withGuard } from './handler.js';

/** The recipes of docs/guard.md that are scripts, by their language. */
const recipe = (language: string, word: string): string => {
  const docs = readFileSync(asset('docs/guard.md'), 'utf8');
  const scripts = [...docs.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  return scripts.find(([, kind, text = '']) => kind === language && text.includes(word))![2]!;
};

async function onlyDump(guard: Guard): Promise<Buffer> {
  await until(() => guard.dumps().length === 1);
  const { bytes, whole } = guard.open(guard.dumps()[0]!);
  expect(whole).toBe(true);
  return bytes;
}

describeWith(['age', 'zstd', 'root', 'jwebserver', 'jcmd'], 'HotSpot', () => {
  test('a heap dump on demand, through a pipe with a name: no file in clear', () =>
    withGuard(async (guard) => {
      const flags = ['-J-Xmx16m', '-J-XX:+UseSerialGC', '-p', '0'];
      const java = await startTarget(program('jwebserver'), flags, { cwd: guard.folder, ready: 'Serving' });
      try {
        const script = recipe('sh', 'jcmd')
          .replaceAll('/run/heap', join(guard.folder, 'heap'))
          .replace('seal orders', `${SEAL} ${guard.settings} orders`)
          .replace('jcmd PID', `${program('jcmd')} ${java.pid}`);
        expect(await runBash(script)).toMatchObject({ status: 0 });
      } finally {
        await java.stop();
      }
      expect((await onlyDump(guard)).subarray(0, 18).toString('latin1')).toBe('JAVA PROFILE 1.0.2');
    }));
});

describeWith(['age', 'zstd', 'root'], 'Node', () => {
  test('a heap snapshot on demand, into a pipe', () =>
    withGuard(async (guard) => {
      const script = recipe('js', 'getHeapSnapshot')
        .replace('/usr/lib/dumpsieve/seal', SEAL)
        .replace('/etc/orders/seal.conf', guard.settings);
      const imports = "const v8 = require('v8'); const { spawn } = require('child_process');\n";
      expect(await runProgram(process.execPath, ['-e', imports + script])).toMatchObject({ status: 0 });
      expect(JSON.parse((await onlyDump(guard)).toString())).toHaveProperty('snapshot.meta');
    }));
});
