import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { sweepBuffer } from '../../src/sweep/buffer.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { prestartWorkers, settlePrestart, takeWorker, workersFor } from '../../src/sweep/worker-prestart.js';
import { runProgram } from '../support/cli.js';
import { literal } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true })]);

test('prestarted workers are up once they are settled, and the first pool takes them', async () => {
  const calls: string[] = [];
  prestartWorkers(2, async () => {
    calls.push('then');
  });
  await new Promise(setImmediate);
  expect(calls).toEqual([]);
  await settlePrestart();
  expect(calls).toEqual(['then']);
  await settlePrestart();
  expect(calls).toEqual(['then']);
  const first = takeWorker();
  expect([first.ready, first.failure]).toEqual([true, undefined]);
  await first.terminate();
  const data = Buffer.alloc(9 << 20, 'nothing here. ');
  for (let at = 0; at < data.length; at += 100_000) data.write('ghp_', at);
  const bytes = new SharedArrayBuffer(data.length);
  new Uint8Array(bytes).set(data);
  const pool = new SweepPool(1);
  try {
    const offsets: number[] = [];
    const storage = { kind: 'memory', bytes, length: data.length } as const;
    for await (const batch of pool.sweep(storage, net, { from: 0, to: data.length }))
      offsets.push(...batch.offsets);
    expect(offsets).toEqual(sweepBuffer(data, net).map(({ offset }) => offset));
  } finally {
    await pool.close();
  }
  const next = takeWorker();
  // Both were taken: this one is new.
  expect(next.ready).toBe(false);
  await next.terminate();
});

test('a process waits for its prestarted workers, and idle ones do not keep it alive', async () => {
  const module = fileURLToPath(new URL('../../src/sweep/worker-prestart.js', import.meta.url));
  const code = `
    import { settlePrestart, prestartWorkers } from ${JSON.stringify(module)};
    prestartWorkers(2);
    await settlePrestart();
    console.log('up');`;
  const { status, stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'up\n' });
});

test.each([
  [8 << 20, 1, 1],
  [8 << 20, 2, 1],
  [8 << 20, 64, 1],
  [(8 << 20) + 1, 64, 2],
  [1 << 30, 4, 3],
  [Number.POSITIVE_INFINITY, 4, 3],
  [Number.POSITIVE_INFINITY, 100_000, 255],
])('a file of %s bytes, with %i threads, has tasks for %i workers', (bytes, jobs, workers) => {
  expect(workersFor(bytes, jobs)).toBe(workers);
});

const urlOf = (name: string) => JSON.stringify(new URL(`../../src/sweep/${name}.js`, import.meta.url).href);

/** A program that counts its threads; `onStart` runs in the constructor of each. */
const programOf = (onStart: string, rest: string) => `
  import threads from 'node:worker_threads';
  import { syncBuiltinESMExports } from 'node:module';
  let started = 0;
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...all) { ${onStart} super(...all); started++; }
  };
  syncBuiltinESMExports();
  const { SweepPool } = await import(${urlOf('pool')});
  const { compileLiterals } = await import(${urlOf('literals')});
  const net = compileLiterals([{ bytes: Buffer.from('ghp_'), caseless: false, wide: false, rules: [] }]);
  const length = 9 << 20;
  const storage = { kind: 'memory', bytes: new SharedArrayBuffer(length), length };
  const pool = new SweepPool(16);
  pool.expect(length);
  ${rest}
`;
const sweep = 'for await (const _ of pool.sweep(storage, net, { from: 0, to: length }));';

test('a sweep starts no more workers than it has tasks', async () => {
  const code = programOf('', `${sweep} console.log(started); await pool.close();`);
  const { stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ stdout, stderr }).toEqual({ stdout: '2\n', stderr: '' });
});

test('a thread that cannot start fails the sweep, not the call that announces it', async () => {
  const code = programOf(
    `throw Object.assign(new Error('no room'), { code: 'ERR_WORKER_INIT_FAILED' });`,
    `try { ${sweep} } catch ({ code, cause }) { console.log(code, cause.code); }`,
  );
  const { stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ stdout, stderr }).toEqual({ stdout: 'worker-failed ERR_WORKER_INIT_FAILED\n', stderr: '' });
});
