import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { type Guard, kernelArgs, processesOf, until, withGuard } from './handler.js';

const KIB = 1024;
const MIB = KIB * KIB;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describeWith(['age', 'zstd', 'root'], 'the handler behind a pipe', () => {
  test('seals what it reads, with what is known of the process beside it', () =>
    withGuard(async (guard) => {
      const bytes = randomBytes(3 * MIB);
      const args = kernelArgs({ pid: 4_321_000, uid: 1234, time: 1_700_000_000, program: '/opt/a b/c' });
      expect(await guard.seal(bytes, args)).toBe(0);
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
      const id = `1700000000-${boot}-4321000-${sha256('1234\0/opt/a b/c').slice(0, 16)}`;
      expect(guard.spool()).toEqual([`${id}.age`, `${id}.info.age`]);
      expect(guard.holds(`${id}.age`, bytes)).toBe(true);
      expect(Object.fromEntries(guard.info(`${id}.age`))).toMatchObject({
        version: '1',
        time: '1700000000',
        boot,
        pid: '4321000',
        uid: '1234',
        gid: '0',
        signal: '11',
        program: '/opt/a b/c',
        source: 'kernel',
        limit: 'unlimited',
        dumpable: '1',
      });
      for (const name of guard.spool()) expect(statSync(guard.path(name)).mode & 0o777).toBe(0o600);
      expect(guard.refusals()).toEqual([]);
    }));

  test('reads /proc of the process, and no name of the process leaves its line', () =>
    withGuard(async (guard) => {
      await guard.seal(Buffer.from('a core'), kernelArgs({ pid: process.pid }));
      await guard.seal(Buffer.from('a core'), kernelArgs({ program: '/a\nuid: 0\x1b[31m\\n\\c/b' }));
      const infos = guard.dumps().map((name) => guard.info(name));
      const self = infos.find((info) => info.get('pid') === `${process.pid}`)!;
      expect(self.get('program')).toBe(process.execPath);
      expect(self.get('comm')).toBe(readFileSync('/proc/self/comm', 'utf8').trim());
      const sections = self.get('sections')!;
      expect(sections.match(/^== \w+$/gm)).toEqual(['== cmdline', '== status', '== cgroup', '== maps']);
      expect(sections).toContain(`\nPid:\t${process.pid}\n`);
      expect(sections).toContain(`${process.execPath}\n`);
      const other = infos.find((info) => info !== self)!;
      expect(other.get('program')).toBe('/a?uid: 0?[31m\\n\\c/b');
    }));

  test('without arguments of the kernel a dump is its caller’s, and each its own', () =>
    withGuard(async (guard) => {
      for (const name of [[], [], [], ['snapshot']]) await guard.seal(Buffer.from('a snapshot'), name);
      expect(
        guard
          .dumps()
          .map((name) => guard.info(name).get('program'))
          .sort(),
      ).toEqual(['', '', '', 'snapshot']);
      expect(guard.dumps().map((name) => guard.info(name).get('source'))).toEqual(Array(4).fill('pipe'));
      expect(guard.refusals()).toEqual([]);
    }));

  test('the number of bytes is limited: the rest is cut, and the name says so', () =>
    withGuard(
      async (guard) => {
        const bytes = randomBytes(2 * MIB);
        expect(await guard.seal(bytes)).toBe(0);
        expect(await guard.seal(bytes.subarray(0, 99_999))).toBe(0);
        const cut = guard.dumps().filter((name) => name.includes('.cut.'));
        const [whole] = guard.dumps().filter((name) => !name.includes('.cut.'));
        expect(cut.map((name) => guard.holds(name, bytes.subarray(0, 100_000)))).toEqual([true]);
        expect(guard.holds(whole!, bytes.subarray(0, 99_999))).toBe(true);
      },
      { bytes: 100_000 },
    ));

  test('the time is limited: a process that writes no more holds no handler', () =>
    withGuard(
      async (guard) => {
        const bytes = randomBytes(MIB);
        const { input, status } = guard.start(kernelArgs());
        input.write(bytes);
        expect(await status).toBe(0);
        const [name] = guard.dumps();
        expect(name).toMatch(/\.cut\.age$/);
        const { bytes: kept, whole } = guard.open(name!);
        expect(whole).toBe(true);
        expect(kept.length).toBeGreaterThanOrEqual(MIB - 64 * KIB);
        expect(kept.equals(bytes.subarray(0, kept.length))).toBe(true);
      },
      { seconds: 1 },
    ));

  test('what takes longer gives way to other programs', () =>
    withGuard(async (guard) => {
      guard.set({}, { nice: true });
      const { input, pid, status } = guard.start(kernelArgs());
      // proc(5): nice is field 19 of stat, the 17th behind the name.
      const niceOf = (each: number): string | undefined => {
        if (!existsSync(`/proc/${each}/stat`)) return undefined;
        const stat = readFileSync(`/proc/${each}/stat`, 'latin1');
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16];
      };
      await until(
        () => processesOf(pid).length >= 7 && processesOf(pid).every((each) => niceOf(each) === '19'),
      );
      input.end('the end');
      expect(await status).toBe(0);
    }));

  test('a core limit of 0 is obeyed and counted', () =>
    withGuard(async (guard) => {
      expect(await guard.seal(Buffer.alloc(MIB), kernelArgs({ limit: '0' }))).toBe(1);
      expect(guard.spool()).toEqual([]);
      expect([guard.refusals(), guard.counted('limit')]).toEqual([['limit'], 1]);
    }));

  test('above the share of the disk nothing is kept', () =>
    withGuard(
      async (guard) => {
        expect(await guard.seal(randomBytes(MIB))).toBe(1);
        expect(guard.spool()).toEqual([]);
        expect([guard.refusals(), guard.counted('disk')]).toEqual([['disk'], 1]);
      },
      { share: 0 },
    ));

  test('recipients that age refuses, a missing spool: a refusal, and no remains', () =>
    withGuard(async (guard) => {
      writeFileSync(join(guard.folder, 'recipients'), 'age1damaged\n');
      expect(await guard.seal(randomBytes(MIB))).toBe(1);
      expect(guard.spool()).toEqual([]);
      renameSync(join(guard.state, 'spool'), join(guard.state, 'elsewhere'));
      expect(await guard.seal(randomBytes(MIB))).toBe(1);
      expect([guard.refusals(), guard.counted('seal'), guard.counted('spool')]).toEqual([
        ['seal', 'spool'],
        1,
        1,
      ]);
    }));

  test('settings of another user are not read', () =>
    withGuard(async (guard) => {
      const ran = join(guard.folder, 'ran');
      guard.set({ seconds: `$(touch ${ran})` });
      chownSync(guard.settings, 1234, 1234);
      // The default state is not this test's: a limit of 0 ends the handler before it would write there.
      await guard.seal(Buffer.alloc(1), kernelArgs({ limit: '0' }));
      expect(guard.refusals()).toEqual([]);
      expect(() => statSync(ran)).toThrow('ENOENT');
    }));

  test('of a crash loop the first and the newest stay, and each other one is counted', () =>
    withGuard(async (guard) => {
      for (let i = 0; i < 6; i++) await guard.seal(Buffer.from(`crash ${i}`));
      await guard.seal(Buffer.from('of another user'), kernelArgs({ uid: 7 }));
      const kept = guard.dumps().map((name) => guard.open(name).bytes.toString());
      expect(kept.sort()).toEqual(['crash 0', 'crash 5', 'of another user']);
      expect(guard.spool()).toHaveLength(6);
      expect([guard.refusals(), guard.counted('loop')]).toEqual([Array(4).fill('loop'), 4]);
    }));

  test('handlers at once: each dump is kept or counted, none twice', () =>
    withGuard(async (guard) => {
      const loop = Array.from({ length: 6 }, (_, i) => guard.seal(Buffer.from(`loop ${i}`)));
      const others = Array.from({ length: 6 }, (_, i) =>
        guard.seal(Buffer.from(`other ${i}`), kernelArgs({ program: `/bin/${i}` })),
      );
      expect(await Promise.all([...loop, ...others])).toEqual(Array(12).fill(0));
      const kept = guard.dumps().map((name) => guard.open(name).bytes.toString());
      expect(kept.filter((text) => text.startsWith('other'))).toHaveLength(6);
      expect(kept.filter((text) => text.startsWith('loop'))).toHaveLength(2);
      expect([guard.refusals(), guard.counted('loop')]).toEqual([Array(4).fill('loop'), 4]);
      expect(guard.spool()).toHaveLength(16);
    }));

  test('another user holds at most a quarter of the slots, and leaves a quarter to the owners', () =>
    withGuard(
      async (guard) => {
        const running: ReturnType<Guard['start']>[] = [];
        const started = async (uid: number): Promise<string> => {
          const before = guard.refusals().length;
          const count = guard.running().length;
          const handler = guard.start(kernelArgs({ uid, program: `/bin/${running.length}` }));
          await until(() => guard.running().length > count || guard.refusals().length > before);
          if (guard.refusals().length > before) return guard.refusals().at(-1)!;
          running.push(handler);
          return 'runs';
        };
        const wanted = [2000, 2000, 2000, 3000, 3000, 4000, 4000, 5000, 0, 0, 0];
        const answers: string[] = [];
        for (const uid of wanted) answers.push(await started(uid));
        expect(answers.map((answer, i) => `${wanted[i]} ${answer}`)).toEqual([
          ...['2000 runs', '2000 runs', '2000 slots', '3000 runs', '3000 runs', '4000 runs', '4000 runs'],
          ...['5000 slots', '0 runs', '0 runs', '0 slots'],
        ]);
        for (const { input } of running) input.end('the end');
        expect(await Promise.all(running.map(({ status }) => status))).toEqual(Array(8).fill(0));
        expect(guard.dumps()).toHaveLength(8);
        expect(await started(2000)).toBe('runs');
        running.at(-1)!.input.end();
        await running.at(-1)!.status;
      },
      { slots: 8 },
    ));

  test('the part of a killed handler holds no slot', () =>
    withGuard(
      async (guard) => {
        for (let i = 0; i < 4; i++)
          writeFileSync(guard.path(`.1-00000000-${i}-${'0'.repeat(16)}.99999.${7_000_000 + i}`), 'a');
        expect(await guard.seal(Buffer.from('a core'))).toBe(0);
      },
      { slots: 4 },
    ));
});
