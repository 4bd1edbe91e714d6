import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { entries, spool, withGuard } from './guard-state.js';
import { processesOf, until } from './seal/handler.js';

/** Scan and copy take some time: each password is a finding. */
const URLS = Buffer.from(
  Array.from(
    { length: 4000 },
    (_, i) => `redis://user:${randomBytes(15).toString('hex')}@db${i}.internal/x`,
  ).join('\n'),
);

const OTHER_USER = 65_534;

/** The programs below a service that read the dump: what they run as, and what they hold. */
function readers(service: number): { uids: string; open: string[]; environment: string }[] {
  return processesOf(service).flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('child-main')) return [];
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      return [{ uids: /^Uid:\s+(.*)$/m.exec(status)![1]!, open, environment }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

describeWith(['age', 'zstd', 'root'], 'the process that reads a hostile dump', () => {
  test('is of another user, and holds no key, no log and no folder of the guard', () =>
    withGuard('rules: [{ exit: 1, action: redact, keep: all }]\n', async (guard) => {
      spool(guard, URLS);
      const env = { CREDENTIALS_DIRECTORY: '/run/credentials/x' };
      const { child, result } = startCli(['guard', 'watch', '--once', '--policy', guard.policy], { env });
      const seen: ReturnType<typeof readers> = [];
      let isRunning = true;
      void result.then(() => {
        isRunning = false;
      });
      await until(() => entries(guard, { torn: true }).some(({ event }) => event === 'taken'));
      while (isRunning) {
        seen.push(...readers(child.pid!));
        await pause(50);
      }
      await result;
      // The copy of raw memory is refused at its end: its process ran, too.
      const decided = entries(guard).find(({ event }) => event === 'decided');
      expect(decided).toMatchObject({ exit: 1, reason: 'copy-failed', code: 'redact-limits' });
      // A child takes its user after its first moments as a copy of the service.
      expect(seen.length).toBeGreaterThan(2);
      for (const { uids, open, environment } of seen) {
        expect(uids.split(/\s+/)).toEqual(Array(4).fill(`${OTHER_USER}`));
        const ofGuard = open.filter(
          (path) => path.startsWith(guard.root) && !/^pipe:|\/work\/[^/]+\.try|\(deleted\)$/.test(path),
        );
        expect(ofGuard).toEqual([]);
        expect(environment).not.toContain('CREDENTIALS');
      }
      for (const file of [guard.machine, `${guard.root}/sign.key`])
        expect(statSync(file).mode & 0o077).toBe(0);
    }));
});
