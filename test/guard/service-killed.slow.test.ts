import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { verify } from '../../src/index.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { cases } from '../support/property.js';
import { entries, names, withGuard } from './guard-state.js';
import { PROGRAM, RULES, runFaulty, SECRETS, spoolDumps } from './kills.js';
import { expectSafe, expectSettled } from './settled.js';

const KILLS = cases(100);
const PATIENCE = 1_800_000;

/** Two scans that a kill ends would send a dump to quarantine, and no copy would be made. */
const POLICY = `limits: { attempts: 10 }\nloop: { keep: 999, per: 1h }\n${RULES}`;

describeWith(['age', 'zstd'], 'a service', () => {
  test(
    'that is killed at random moments goes on where it was, its children too',
    () =>
      withGuard(POLICY, async (guard) => {
        const random = new SeededRandom('kills of a service');
        const ids = spoolDumps(guard);
        const began = performance.now();
        runFaulty(guard, 'none', 0);
        const time = performance.now() - began;
        let killed = 0;
        for (let i = 0; i < KILLS; i++) {
          if (names(guard, 'spool').length + names(guard, 'work').length === 0)
            ids.push(...spoolDumps(guard));
          const child = spawn(process.execPath, [PROGRAM, guard.policy, 'none', '0'], { stdio: 'ignore' });
          const exit = once(child, 'exit');
          await Promise.race([exit, pause((time * (100 + random.below(900))) / 1000)]);
          child.kill('SIGKILL');
          const [, signal] = (await exit) as [number | null, string | null];
          if (signal === 'SIGKILL') killed++;
          expectSafe(guard, SECRETS);
        }
        runFaulty(guard, 'none', 0);
        expect(killed).toBeGreaterThan(KILLS / 2);
        expectSafe(guard, SECRETS);
        expectSettled(guard, ids);
        const log = join(guard.state, 'log.jsonl');
        expect((await runCli(['verify', log, '--key', guard.publicKey])).status).toBe(0);
        for (const { dump, copy } of entries(guard).filter((each) => each.event === 'decided'))
          if (copy !== undefined) {
            const file = join(guard.state, 'out', dump!);
            const { verified } = await verify({
              manifest: `${file}.manifest.json`,
              file,
              key: guard.publicKey,
            });
            expect([dump, verified]).toEqual([dump, true]);
          }
      }),
    PATIENCE,
  );

  test('whose clock is set back by a day between two runs deals with each dump once', () =>
    withGuard(`loop: { keep: 9, per: 1h }\nretain: { out: 2d, quarantine: 2d }\n${RULES}`, async (guard) => {
      const ids = spoolDumps(guard);
      runFaulty(guard, 'none', 0);
      ids.push(...spoolDumps(guard));
      runFaulty(guard, 'back', 0);
      const times = entries(guard).map(({ time }) => Date.parse(String(time)));
      expect(times.some((time, i) => time < times[i - 1]! - 80_000_000)).toBe(true);
      ids.push(...spoolDumps(guard));
      runFaulty(guard, 'none', 0);
      expectSafe(guard, SECRETS);
      const places = ['out', 'out', 'quarantine'];
      expect(Object.values(expectSettled(guard, ids))).toEqual([...places, ...places, ...places]);
      const log = join(guard.state, 'log.jsonl');
      expect((await runCli(['verify', log, '--key', guard.publicKey])).status).toBe(0);
    }));
});
