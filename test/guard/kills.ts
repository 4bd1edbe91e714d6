import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { type GuardState, spool, withGuard } from './guard-state.js';
import { expectSafe, expectSettled } from './settled.js';

export const PROGRAM = fileURLToPath(asset('dist/test/guard/faulty-guard.js'));

const { privateKey } = generateKeyPairSync('ed25519');
const DER = privateKey.export({ format: 'der', type: 'pkcs8' });
const PEM = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

/** Memory with one key, as PEM and as DER. */
export const DUMP = Buffer.concat([
  Buffer.alloc(5000, 'no secret, '),
  Buffer.from(PEM),
  Buffer.alloc(3000),
  DER,
  Buffer.alloc(70_000),
]);
export const SECRETS = [DER.subarray(-32), Buffer.from(PEM.split('\n')[1]!)];

/** What happens at a call: faulty-guard.ts. `back`: nothing, but the clock is a day late. */
export type Fault = 'kill' | 'torn' | 'full' | 'back' | 'none';

export const RULES = `rules:
  - { truncated: true, action: quarantine }
  - { exit: 0, action: pass }
  - { exit: 1, action: redact, keep: all }
`;

/** Calls that a fault may hit. */
export type Calls = Record<'kill' | 'torn' | 'full', number>;

/** Runs a guard that fails at a call; returns how many calls it made, or undefined if it was killed. */
export function runFaulty({ policy }: GuardState, fault: Fault, at: number): Calls | undefined {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, policy, fault, String(at)],
    {
      encoding: 'utf8',
    },
  );
  if (signal === 'SIGKILL') return undefined;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Calls;
}

/** Dumps that end in each place, and how one is put into the spool. */
const DUMPS = {
  redacted: ['out', (guard) => spool(guard, DUMP)],
  clean: [
    'out',
    (guard) => spool(guard, Buffer.from('nothing at all. '.repeat(999)), { program: '/usr/bin/clean' }),
  ],
  cut: [
    'quarantine',
    (guard) => spool(guard, randomBytes(200_000), { program: '/usr/bin/cut', cut: 150_000 }),
  ],
} as const satisfies Record<string, [place: string, put: (guard: GuardState) => string]>;

export type DumpName = keyof typeof DUMPS;

/** Puts a dump of each kind into the spool. */
export const spoolDumps = (guard: GuardState): string[] => Object.values(DUMPS).map(([, put]) => put(guard));

/** Calls of a run with one dump and without a fault. */
export async function callsOf(name: DumpName): Promise<Calls> {
  let calls: Calls | undefined;
  await withGuard(RULES, async (guard) => {
    const [place, put] = DUMPS[name];
    const ids = [put(guard)];
    calls = runFaulty(guard, 'none', 0)!;
    expect(Math.min(...Object.values(calls))).toBeGreaterThan(5);
    expect(Object.values(expectSettled(guard, ids))).toEqual([place]);
  });
  return calls!;
}

/** A run that fails at a call, and one after it: nothing is lost, doubled or shown. */
export const survives = (fault: keyof Calls, name: DumpName, at: number): Promise<void> =>
  withGuard(RULES, async (guard) => {
    const ids = [DUMPS[name][1](guard)];
    runFaulty(guard, fault, at);
    expectSafe(guard, SECRETS);
    expect(runFaulty(guard, 'none', 0)?.kill).toBeGreaterThan(0);
    expectSafe(guard, SECRETS);
    expectSettled(guard, ids);
  });
