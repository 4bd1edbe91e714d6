import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { verify } from '../../src/index.js';
import { startCli } from '../support/cli.js';
import { CORE_PATTERN, withCorePattern } from '../support/core-pattern.js';
import { describeWith } from '../support/describe.js';
import { entries, handlerSettings, withGuard } from './guard-state.js';
import { SEAL, until } from './seal/handler.js';
import { crash, threeAtOnce, victims } from './seal/victims.js';
import { expectSettled } from './settled.js';

const ROUNDS = 6;

const POLICY = `loop: { keep: 99, per: 1h }
rules:
  - { uid: 101, action: quarantine }
  - { exit: 0, action: pass }
  - { format: elf-core, action: redact, keep: backtrace }
`;

describeWith([...CORE_PATTERN, 'age', 'zstd', 'python3', 'jwebserver'], 'handler and guard', () => {
  test('30 crashes of 5 programs, three at once: each ends as the policy says, with its entries', () =>
    withGuard(POLICY, async (guard) => {
      const { work, settings } = handlerSettings(guard);
      const ended = (): number =>
        entries(guard, { torn: true }).filter(({ event }) => event === 'done').length;
      const service = startCli(['guard', 'watch', '--policy', guard.policy]);
      let pids: number[] = [];
      try {
        await until(() => entries(guard, { torn: true }).length > 0);
        await withCorePattern(work, [SEAL, settings], async () => {
          const crashes = Object.values(victims(guard.recipients.machine)).flatMap((victim) =>
            Array.from({ length: ROUNDS }, (_, i) => () => crash(victim, work, 100 + i)),
          );
          pids = await threeAtOnce(crashes);
        });
        for (let i = 0; i < 600 && ended() < pids.length; i++) await sleep(1000);
      } finally {
        service.child.kill('SIGTERM');
        await service.result;
      }
      const decided = entries(guard).filter(({ event }) => event === 'decided');
      const ids = decided.map(({ dump }) => dump!);
      expect(ids.map((id) => Number(id.split('-')[2])).sort()).toEqual(pids.sort());
      const places = expectSettled(guard, ids);
      for (const { dump: id, uid, exit, action, truncated } of decided) {
        expect(truncated).toBeUndefined();
        expect([uid, action]).toEqual([uid, uid === 101 ? 'quarantine' : exit === 0 ? 'pass' : 'redact']);
        expect(places[id!]).toBe(uid === 101 ? 'quarantine' : 'out');
        if (uid === 101) continue;
        const file = join(guard.state, 'out', id!);
        const { verified } = await verify({
          manifest: `${file}.manifest.json`,
          file,
          key: guard.publicKey,
        });
        expect([id, verified]).toEqual([id, true]);
      }
    }));
});
