import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { sweepBuffer } from '../../src/sweep/buffer.js';
import { startEarly, takeHand } from '../../src/sweep/early.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { runProgram } from '../support/cli.js';
import { literal } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true })]);

test('workers that were started early are up when that is told, and the first pool takes them', async () => {
  await startEarly(2);
  const first = takeHand();
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
  const next = takeHand();
  // Both are taken: this one begins now.
  expect(next.ready).toBe(false);
  await next.terminate();
});

test('a process does not end while it waits for them, and ends when they rest', async () => {
  const module = fileURLToPath(new URL('../../src/sweep/early.js', import.meta.url));
  const code = `import { startEarly } from ${JSON.stringify(module)}; await startEarly(2); console.log('up');`;
  const { status, stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'up\n' });
});
