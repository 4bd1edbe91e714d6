import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { type Guard, kernelArgs, NAME, processesOf, until, withGuard } from './handler.js';

const MIB = 2 ** 20;

/** A long crash loop, and handlers killed at random moments. */

/** Numbers from 0 to 1, the same on each run. */
function* chances(): Generator<number> {
  for (let i = 0; ; i++) yield createHash('sha256').update(`${i}`).digest().readUInt32LE() / 2 ** 32;
}

/** Is a file open in some process? */
const isOpen = (guard: Guard, name: string): boolean =>
  readdirSync('/proc')
    .filter((each) => /^\d+$/.test(each) && existsSync(`/proc/${each}/fd`))
    .some((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some(
          (fd) => statSync(`/proc/${pid}/fd/${fd}`).ino === statSync(guard.path(name)).ino,
        );
      } catch {
        return false;
      }
    });

describeWith(['age', 'zstd', 'root'], 'the handler in bad times', () => {
  test('a crash loop of 200, three at once: the first and the newest stay, 198 are counted', () =>
    withGuard(async (guard) => {
      const dumps = Array.from({ length: 199 }, (_, i) =>
        Buffer.concat([Buffer.from(`${i}:`), randomBytes(MIB)]),
      );
      let next = 0;
      const completed: number[] = [];
      const runner = async () => {
        while (next < dumps.length) {
          const i = next++;
          expect(await guard.seal(dumps[i]!)).toBe(0);
          completed.push(i);
        }
      };
      expect(await guard.seal(Buffer.from('first:'))).toBe(0);
      await Promise.all([runner(), runner(), runner()]);
      const kept = guard.dumps().map((name) => guard.open(name).bytes.toString('latin1').split(':')[0]!);
      expect(kept).toHaveLength(2);
      expect(kept).toContain('first');
      // One of the last three: they ran at once.
      expect(Number(kept.find((name) => name !== 'first'))).toBeGreaterThanOrEqual(196);
      expect([guard.refusals(), guard.counted('loop')]).toEqual([Array(198).fill('loop'), 198]);
      expect(guard.spool()).toHaveLength(4);
      const size = guard.spool().reduce((sum, name) => sum + statSync(guard.path(name)).size, 0);
      expect(size).toBeLessThan(1.1 * MIB);
    }));

  test('SIGKILL at 100 moments, of the shell or of one of its children: nothing is lost that was read', () =>
    withGuard(async (guard) => {
      const bytes = randomBytes(4 * MIB);
      const random = chances();
      const seen = { whole: 0, cut: 0, dotted: 0, refused: 0 };
      for (let i = 0; i < 100; i++) {
        const before = new Set(guard.spool());
        const [refusals, running] = [guard.refusals().length, guard.running().length];
        const { input, pid, status } = guard.start(kernelArgs({ program: `/bin/${i}` }));
        let shell = false;
        // Half of the kills come while it looks at the disk, half while it writes.
        if (i % 2 === 0) await until(() => guard.running().length > running);
        for (let part = 0; part < 8; part++) {
          input.write(bytes.subarray((part * bytes.length) / 8, ((part + 1) * bytes.length) / 8));
          await sleep(2);
          if (random.next().value! > 0.1) continue;
          const all = processesOf(pid);
          const killed = all[Math.floor(random.next().value! * all.length)]!;
          shell ||= killed === pid;
          try {
            process.kill(killed, 'SIGKILL');
          } catch {
            // It has ended meanwhile.
          }
        }
        input.end();
        await status;
        const added = () => guard.spool().filter((name) => !before.has(name));
        await until(() => added().every((name) => !isOpen(guard, name)));
        const dumps = added().filter((name) => NAME.test(name));
        const parts = added().filter((name) => /^\.[^.]+\.\d+\.\d+$/.test(name));
        const refused = guard.refusals().length - refusals;
        // A shell that is killed before it has a name for the dump has read nothing and counts nothing.
        const count = dumps.length + parts.length + refused;
        expect([i, shell, count]).toEqual([i, shell, shell ? Math.min(count, 1) : 1]);
        for (const name of [...dumps, ...parts]) {
          const { bytes: kept, whole } = guard.open(name);
          expect(kept.equals(bytes.subarray(0, kept.length))).toBe(true);
          const complete = whole && kept.length === bytes.length;
          if (NAME.test(name) && !name.includes('.cut.')) expect(complete).toBe(true);
          if (!NAME.test(name)) seen.dotted += 1;
          else seen[complete ? 'whole' : 'cut'] += 1;
        }
        seen.refused += refused;
      }
      expect(seen.whole).toBeGreaterThan(5);
      expect(seen.cut + seen.dotted).toBeGreaterThan(5);
      // The lock of a killed handler is free, its slot too.
      expect(await guard.seal(Buffer.from('a core'))).toBe(0);
      expect(existsSync(join(guard.state, 'seal.lock'))).toBe(true);
    }));
});
