import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { entries, names, spool, withGuard } from './guard-state.js';
import { DUMP, RULES, runFaulty, SECRETS } from './kills.js';
import { expectSafe, expectSettled } from './settled.js';

const KIB = 1024;
/** Kibibytes that are left on the disk: from none to what the copy, its draft and the original take. */
const POINTS = Array.from({ length: 20 }, (_, i) => i * 80);

describeWith(['age', 'zstd', 'root', 'namespaces'], 'a service on a full disk', () => {
  test.each(POINTS)('loses nothing, shows nothing, and goes on when there is room: %d KiB are left', (left) =>
    withGuard(`limits: { attempts: 9 }\n${RULES}`, async (made) => {
      const disk = made.state;
      execFileSync(program('mount'), ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', disk]);
      // What fills the disk is not the guard's.
      const guard = { ...made, state: join(disk, 'guard') };
      const policy = readFileSync(guard.policy, 'utf8');
      writeFileSync(guard.policy, policy.replace('state: state\n', 'state: state/guard\n'));
      try {
        mkdirSync(guard.state, { mode: 0o700 });
        for (const name of ['spool', 'work', 'out', 'quarantine', 'refused'])
          mkdirSync(join(guard.state, name), { mode: 0o700 });
        const text = Buffer.from(randomBytes(250 * KIB).toString('hex'));
        const ids = [
          spool(guard, Buffer.concat([text, DUMP])),
          spool(guard, text, { program: '/usr/bin/text' }),
        ];
        const { bavail, bsize } = statfsSync(disk);
        writeFileSync(join(disk, 'full'), Buffer.alloc(bavail * bsize - left * KIB));
        runFaulty(guard, 'full', 0);
        expectSafe(guard, SECRETS);
        const before = entries(guard, { torn: true }).filter(({ event }) => event === 'done').length;
        if (left === 0) expect(before).toBe(0);
        rmSync(join(disk, 'full'));
        runFaulty(guard, 'none', 0);
        expectSafe(guard, SECRETS);
        const places = expectSettled(guard, ids);
        for (const { dump, action, code } of entries(guard).filter((each) => each.event === 'decided'))
          expect([places[dump!], code]).toEqual(
            action === 'quarantine' ? ['quarantine', expect.stringMatching(/\w/)] : ['out', undefined],
          );
        expect(names(guard, 'spool')).toEqual([]);
      } finally {
        execFileSync(program('umount'), ['--lazy', disk]);
      }
    }),
  );
});
