import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { program } from '../../support/programs.js';
import { Guard, kernelArgs, NAME, type Settings, until } from './handler.js';

const KIB = 1024;
const MIB = KIB * KIB;

/** Runs a body with a guard whose state is a file system of `size` bytes. */
function withDisk(size: number, settings: Settings, body: (guard: Guard) => Promise<void>): Promise<void> {
  return withTempDir(async (folder) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync(program('mount'), ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
    try {
      await body(new Guard(folder, settings, disk));
    } finally {
      execFileSync(program('umount'), ['--lazy', disk]);
    }
  });
}

/** Takes all of a file system but `left` bytes, though others write to it. */
function fill(file: string, left: number): void {
  const descriptor = openSync(file, 'w');
  try {
    const zeros = Buffer.alloc(256 * KIB);
    let size = 0;
    try {
      for (;;) size += writeSync(descriptor, zeros);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
    ftruncateSync(descriptor, size - left);
  } finally {
    closeSync(descriptor);
  }
}

describeWith(['age', 'zstd', 'root', 'namespaces'], 'the handler on a small disk', () => {
  test('a dump that does not fit is cut within the share', () =>
    withDisk(64 * MIB, { share: 25 }, async (guard) => {
      const bytes = randomBytes(20 * MIB);
      expect(await guard.seal(bytes)).toBe(0);
      const [name] = guard.dumps();
      expect(name).toMatch(/\.cut\.age$/);
      expect(statSync(guard.path(name!)).size).toBeLessThanOrEqual(8 * MIB);
      const { bytes: kept, whole } = guard.open(name!);
      expect(whole).toBe(false);
      expect(kept.length).toBeGreaterThan(7 * MIB);
      expect(kept.equals(bytes.subarray(0, kept.length))).toBe(true);
    }));

  test('another user fills at most a quarter of the share', () =>
    withDisk(64 * MIB, { share: 90 }, async (guard) => {
      const bytes = randomBytes(6 * MIB);
      const sealed = (uid: number, i: number) => guard.seal(bytes, kernelArgs({ uid, program: `/bin/${i}` }));
      for (let i = 0; i < 8; i++) await sealed(4000, i);
      const used = guard.dumps().reduce((sum, name) => sum + statSync(guard.path(name)).size, 0);
      expect(used).toBeLessThan((64 * MIB * 0.9) / 4);
      expect(used).toBeGreaterThan((64 * MIB * 0.9) / 8);
      expect(new Set(guard.refusals())).toEqual(new Set(['disk']));
      expect(await sealed(0, 9)).toBe(0);
      expect(await sealed(5000, 9)).toBe(0);
    }));

  test('a disk that fills up under a dump: what was written can be opened, or the dump is refused', () =>
    withDisk(16 * MIB, { share: 90 }, async (guard) => {
      const bytes = randomBytes(MIB);
      const full = join(guard.state, 'full');
      const kinds = new Set<string>();
      for (let i = 0; i < 20; i++) {
        const before = guard.refusals().length;
        const { input, status } = guard.start(kernelArgs({ program: `/bin/${i}` }));
        await until(
          () => guard.running().length > 0 && guard.spool().some((name) => name.endsWith('.info.age')),
        );
        fill(full, i * 24 * KIB);
        input.end(bytes);
        const ended = await status;
        const [name] = guard.dumps();
        const refused = guard.refusals().length - before;
        kinds.add(name === undefined ? 'refused' : 'cut');
        expect([ended, refused, guard.dumps().length]).toEqual(name === undefined ? [1, 1, 0] : [0, 0, 1]);
        if (name !== undefined) {
          const { bytes: kept, whole } = guard.open(name);
          expect([name.includes('.cut.'), whole]).toEqual([true, false]);
          expect(kept.equals(bytes.subarray(0, kept.length))).toBe(true);
        }
        for (const each of guard.spool()) {
          expect(NAME.test(each) || each.endsWith('.info.age')).toBe(true);
          rmSync(guard.path(each));
        }
        rmSync(full);
      }
      expect(kinds).toContain('cut');
    }));
});
