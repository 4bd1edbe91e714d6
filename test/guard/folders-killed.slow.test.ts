import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { describeWith } from '../support/describe.js';
import { digestOf, fileDigest, withWatched } from './watched.js';

const KILLS = 60;
/** When guards are killed, by the time that one takes for a file. */
const MOMENTS = { earliest: 0.4, latest: 1.1 };

describeWith(['age', 'zstd'], 'a guard that is killed at random moments', () => {
  test('each file is in the spool once, and whole', () =>
    withWatched(async ({ folder, path, state, spooled, unsealed, left }) => {
      const expected = new Set<string>();
      let killed = 0;
      const { earliest, latest } = MOMENTS;
      const main = fileURLToPath(asset('dist/test/guard/folder-process.js'));
      const guard = () =>
        spawn(process.execPath, [main, folder, state, join(state, '../recipients'), '0'], {
          stdio: 'ignore',
        });
      const add = (i: number): void => {
        writeFileSync(path(`core.${i}`), randomBytes(200_000 + i));
        expected.add(fileDigest(path(`core.${i}`)));
      };
      add(KILLS);
      const start = performance.now();
      await once(guard(), 'exit');
      const time = performance.now() - start;
      for (let i = 0; i < KILLS; i++) {
        add(i);
        const child = guard();
        const exit = once(child, 'exit');
        await Promise.race([exit, pause(time * (earliest + ((latest - earliest) * i) / KILLS))]);
        child.kill('SIGKILL');
        const [, signal] = (await exit) as [number | null, string | null];
        if (signal !== null) killed++;
      }
      expect(killed).toBeGreaterThan(KILLS / 4);
      const [status] = (await once(guard(), 'exit')) as [number];
      expect(status).toBe(0);
      const found = spooled().map((id) => digestOf(unsealed(id)));
      expect(found).toHaveLength(KILLS + 1);
      expect(new Set(found)).toEqual(expected);
      expect([readdirSync(folder), left()]).toEqual([[], []]);
    }));
});
