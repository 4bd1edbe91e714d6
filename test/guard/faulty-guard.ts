import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * A guard in which a call of the system fails, or ends it: `faulty-guard.js POLICY FAULT N`, where the Nth
 * call of a kind that changes a file is the one. It prints how many there were of each fault if none of them
 * was it.
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

/** Which calls a fault is about. */
const HITS = {
  kill: () => true,
  torn: (name: string) => name === 'writeSync',
  full: (name: string) => WRITES.has(name),
} as const;

const calls = { kill: 0, torn: 0, full: 0 };
let isInside = false;

/** Counts a call; true if it is the one. */
function isHit(name: string): boolean {
  for (const each of ['kill', 'torn', 'full'] as const) if (HITS[each](name)) calls[each] += 1;
  return (
    fault in HITS &&
    HITS[fault as keyof typeof HITS](name) &&
    calls[fault as keyof typeof HITS] === Number(at)
  );
}

for (const name of CALLS) {
  const real = fs[name] as (...parameters: unknown[]) => unknown;
  const faulty = (...parameters: unknown[]): unknown => {
    // Functions of Node that call each other are one call.
    if (isInside) return real(...parameters);
    isInside = true;
    try {
      if (!isHit(name)) return real(...parameters);
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

const DAY = 86_400_000;

/** A clock that was set back by a day: all that Node itself reads of it goes through these. */
if (fault === 'back') {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parameters: [] | [number]) {
      super(...((parameters.length === 0 ? [RealDate.now() - DAY] : parameters) as [number]));
    }
    static override now = (): number => RealDate.now() - DAY;
  } as DateConstructor;
}

const { loadPolicy, watchDumps } = await import('dumpsieve');
const policy = await loadPolicy(policyFile);
const { signal } = new AbortController();
try {
  await watchDumps({ policy, once: true, signal, onHead: () => {}, onProblem: () => {} });
} catch (error) {
  if (fault !== 'full') throw error;
}
process.stdout.write(JSON.stringify(calls));
