import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { GuardLog } from '../../src/guard/log/log.js';
import { verifyLog } from '../../src/guard/log/verify-log.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { inLogFolder } from './made-log.js';

const PAGE = 4096;

describeWith(['root', 'namespaces'], 'the log on a full disk', () => {
  // A line of 300 bytes rarely ends with a page, so that most of these tear it.
  test.each([...Array(10).keys()])(
    'refuses entries, keeps what it has, and goes on when there is room (%d)',
    (n) =>
      inLogFolder(async (made) => {
        const disk = join(made.folder, 'disk');
        mkdirSync(disk);
        execFileSync(program('mount'), ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
        try {
          const heads: string[] = [];
          const log = await GuardLog.open(disk, made.signer, (line) => heads.push(line));
          for (let i = 0; i < 13 + n; i++) await log.append({ event: 'taken', dump: `${i}` });
          const { bavail } = statfsSync(disk);
          writeFileSync(join(disk, 'filler'), Buffer.alloc((bavail - (n % 4)) * PAGE));
          let written = heads.length - 1;
          for (let refused = 0; refused < 3; )
            await log.append({ event: 'taken', dump: 'x'.repeat(700) }).then(
              () => written++,
              (error: unknown) => {
                expect(error).toMatchObject({ code: 'guard-log-not-written', exit: 3 });
                refused++;
              },
            );
          rmSync(join(disk, 'filler'));
          await log.append({ event: 'done' });
          log.close();
          const options = { log: join(disk, 'log.jsonl'), key: made.key, since: heads.join('\n') };
          expect(await verifyLog(options)).toMatchObject({
            verified: true,
            problems: [],
            entries: written + 1,
          });
          (await GuardLog.open(disk, made.signer)).close();
        } finally {
          execFileSync(program('umount'), ['--lazy', disk]);
        }
      }),
  );
});
