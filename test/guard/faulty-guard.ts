import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * A guard in which a call of the system fails, or ends it: `faulty-guard.js POLICY FAULT N`, where the Nth
 * call of a kind that changes a file is the one. It prints how many there were if none of them was it.
 */

const [policyFile = '', fault = 'none', at = '0'] = process.argv.slice(2);

const end = (): never => {
  process.kill(process.pid, 'SIGKILL');
  // The signal arrives before the next call returns.
  for (;;);
};

const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
};

/** Calls that change what is on the disk. A torn write leaves half of its bytes. */
const CALLS = [
  'renameSync',
  'writeSync',
  'writeFileSync',
  'fdatasyncSync',
  'fsyncSync',
  'ftruncateSync',
  'rmSync',
  'mkdirSync',
] as const;

const WRITES: ReadonlySet<string> = new Set(['writeSync', 'writeFileSync', 'mkdirSync', 'renameSync']);

let calls = 0;
let isInside = false;

for (const name of CALLS) {
  const real = fs[name] as (...parameters: unknown[]) => unknown;
  const faulty = (...parameters: unknown[]): unknown => {
    // Functions of Node that call each other are one call.
    if (isInside || (fault === 'full' && !WRITES.has(name)) || (fault === 'torn' && name !== 'writeSync'))
      return real(...parameters);
    isInside = true;
    try {
      if (++calls !== Number(at)) return real(...parameters);
      if (fault === 'torn') {
        const [fd, bytes] = parameters as [number, Uint8Array];
        fs.writeFileSync(fd, bytes.subarray(0, bytes.length >> 1));
      }
      return fault === 'full' ? full() : end();
    } finally {
      isInside = false;
    }
  };
  Object.assign(fs, { [name]: faulty });
}
syncBuiltinESMExports();

const { loadPolicy, watchDumps } = await import('dumpsieve');
const policy = await loadPolicy(policyFile);
const { signal } = new AbortController();
try {
  await watchDumps({ policy, once: true, signal, onHead: () => {}, onProblem: () => {} });
} catch (error) {
  if (fault !== 'full') throw error;
}
process.stdout.write(`${calls}\n`);
