import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { sweepBuffer } from '../../src/sweep/buffer.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { prestartWorkers, settlePrestart, takeWorker, workersFor } from '../../src/sweep/worker-prestart.js';
import { runProgram } from '../support/cli.js';
import { literal } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true })]);

test('workers that were started early are up when that is told, and the first pool takes them', async () => {
  const told: boolean[] = [];
  prestartWorkers(2, async () => {
    told.push(true);
  });
  await new Promise(setImmediate);
  expect(told).toEqual([]);
  await settlePrestart();
  expect(told).toEqual([true]);
  await settlePrestart();
  expect(told).toEqual([true]);
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
  // Both are taken: this one begins now.
  expect(next.ready).toBe(false);
  await next.terminate();
});

test('a process does not end while it waits for them, and ends when they rest', async () => {
  const module = fileURLToPath(new URL('../../src/sweep/worker-prestart.js', import.meta.url));
  const code = `import { settlePrestart, prestartWorkers } from ${JSON.stringify(module)}; prestartWorkers(2); await settlePrestart(); console.log('up');`;
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
])('a file of %s bytes has tasks for, of %i threads, %i beside this one', (bytes, jobs, workers) => {
  expect(workersFor(bytes, jobs)).toBe(workers);
});

/** A program whose threads the system has no room for, or that counts them. */
const programOf = (constructed: string, rest: string) => `
  import threads from 'node:worker_threads';
  import { syncBuiltinESMExports } from 'node:module';
  let started = 0;
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...all) { ${constructed} super(...all); started++; }
  };
  syncBuiltinESMExports();
  const { SweepPool } = await import(${JSON.stringify(new URL('../../src/sweep/pool.js', import.meta.url).href)});
  const { compileLiterals } = await import(${JSON.stringify(new URL('../../src/sweep/literals.js', import.meta.url).href)});
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

test('where a thread cannot start, the sweep says so, and not who expects one', async () => {
  const code = programOf(
    `throw Object.assign(new Error('no room'), { code: 'ERR_WORKER_INIT_FAILED' });`,
    `try { ${sweep} } catch ({ code, cause }) { console.log(code, cause.code); }`,
  );
  const { stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ stdout, stderr }).toEqual({ stdout: 'worker-failed ERR_WORKER_INIT_FAILED\n', stderr: '' });
});
