import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { openSealed } from '../../src/guard/sealing/sealing.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { withCheckedGuard } from './checked-guard.js';

describeWith(['age', 'zstd'], 'a sealed dump', () => {
  test.each([1, 60_000, 3_000_000])(
    'of %d bytes is read whole, though its programs ended long before',
    (length) =>
      withCheckedGuard(async ({ file }) => {
        const content = Buffer.alloc(length, 'dump');
        const packed = execFileSync(program('zstd'), ['-1', '-q', '-c'], { input: content });
        writeFileSync(
          file('dump.age'),
          execFileSync(program('age'), ['-R', file('recipients')], { input: packed }),
        );
        const { chunks, ended } = openSealed(file('dump.age'), file('machine.key'));
        await sleep(length < 65_536 ? 500 : 100);
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        expect(Buffer.concat(parts).equals(content)).toBe(true);
        expect(await ended).toMatchObject({ isWhole: true, bytes: length });
      }),
  );
});
