import { expect, test } from '@jest/globals';
import { runProgram } from '../support/cli.js';

const handle = new URL('../../src/sweep/worker-handle.js', import.meta.url).href;

test('an error event may overtake answers posted earlier: only pending requests fail', async () => {
  const code = `
    import { EventEmitter } from 'node:events';
    import { syncBuiltinESMExports } from 'node:module';
    import threads from 'node:worker_threads';
    threads.Worker = class extends EventEmitter {
      ref() {}
      unref() {}
      postMessage() {
        setImmediate(() => {
          this.emit('error', new Error('out of memory'));
          for (const type of ['done', 'error']) this.emit('message', { type });
          this.emit('exit', 1);
        });
      }
    };
    syncBuiltinESMExports();
    const { WorkerHandle } = await import(${JSON.stringify(handle)});
    const job = { module: new URL('data:,'), transfer: () => [] };
    await new WorkerHandle().run(job, 0).catch(({ code }) => console.log(code));`;
  const { status, stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', code]);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'worker-failed\n', stderr: '' });
});
