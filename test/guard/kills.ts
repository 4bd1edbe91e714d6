import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { type GuardState, spool, withGuard } from './guard-state.js';
import { expectSafe, expectSettled } from './settled.js';

const PROGRAM = fileURLToPath(asset('dist/test/guard/faulty-guard.js'));

const { privateKey } = generateKeyPairSync('ed25519');
const DER = privateKey.export({ format: 'der', type: 'pkcs8' });
const PEM = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

/** Memory with one key, as PEM and as DER. */
const DUMP = Buffer.concat([
  Buffer.alloc(5000, 'no secret, '),
  Buffer.from(PEM),
  Buffer.alloc(3000),
  DER,
  Buffer.alloc(70_000),
]);
const SECRETS = [DER.subarray(-32), Buffer.from(PEM.split('\n')[1]!)];

export type Fault = 'kill' | 'torn' | 'full' | 'none';

const RULES = `rules:
  - { truncated: true, action: quarantine }
  - { exit: 0, action: pass }
  - { exit: 1, action: redact, keep: all }
`;

/** Runs a guard that fails at a call; returns how many calls it made, or undefined if it was killed. */
function runFaulty({ policy }: GuardState, fault: Fault, at: number): number | undefined {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, policy, fault, String(at)],
    {
      encoding: 'utf8',
    },
  );
  if (signal === 'SIGKILL') return undefined;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Number(stdout);
}

/** A state with dumps that end in each place. */
function withDumps(body: (guard: GuardState, ids: string[]) => Promise<void>): Promise<void> {
  return withGuard(RULES, async (guard) => {
    const ids = [
      spool(guard, DUMP),
      spool(guard, Buffer.from('nothing at all. '.repeat(999)), { program: '/usr/bin/clean' }),
      spool(guard, randomBytes(200_000), { program: '/usr/bin/cut', cut: 150_000 }),
    ];
    await body(guard, ids);
  });
}

const known = new Map<Fault, number>();

/** Calls of a run without a fault. */
export async function callsOf(fault: Fault): Promise<number> {
  let calls = known.get(fault) ?? 0;
  if (calls > 0) return calls;
  await withDumps(async (guard, ids) => {
    calls = runFaulty(guard, fault, 0)!;
    expect(calls).toBeGreaterThan(20);
    expect(Object.values(expectSettled(guard, ids))).toEqual(['out', 'out', 'quarantine']);
  });
  known.set(fault, calls);
  return calls;
}

/** A run that fails at a call, and one after it: nothing is lost, doubled or shown. */
export const survives = (fault: Fault, at: number): Promise<void> =>
  withDumps(async (guard, ids) => {
    runFaulty(guard, fault, at);
    expectSafe(guard, SECRETS);
    expect(runFaulty(guard, 'none', 0)).toBeGreaterThan(0);
    expectSafe(guard, SECRETS);
    expectSettled(guard, ids);
  });
