import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CORE_PATTERN, dispatcherOf, withCorePattern } from '../../support/core-pattern.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { coreable } from '../../support/processes.js';
import { PYTHON, program } from '../../support/programs.js';
import { cases } from '../../support/property.js';
import { Guard, SEAL, type Settings, until } from './handler.js';
import { crash, threeAtOnce, victims } from './victims.js';

/** The handler as the kernel calls it: real crashes of real programs. */

/** Runs a body with a guard that gets the crashes of processes in `work`, a folder open to all users. */
function withHandler(
  body: (guard: Guard, work: string) => Promise<void>,
  settings: Settings = {},
): Promise<void> {
  return withTempDir(async (folder) => {
    const guard = new Guard(folder, settings);
    const work = join(folder, 'work');
    mkdirSync(work);
    chmodSync(folder, 0o711);
    chmodSync(work, 0o777);
    await withCorePattern(work, [SEAL, guard.settings], () => body(guard, work));
  });
}

describeWith([...CORE_PATTERN, 'age', 'zstd', 'python3', 'jwebserver', 'gdb', 'gcc'], 'real crashes', () => {
  /** Crashes of each program; guard/crashes.slow.test.ts always has 30. */
  const ROUNDS = Math.max(2, cases(6));

  test('crashes of 5 programs, three at once, at night 30: each is sealed whole, and once', () =>
    withHandler(async (guard, work) => {
      const crashes = Object.entries(victims(guard.recipient)).flatMap(([language, victim]) =>
        Array.from({ length: ROUNDS }, (_, i) => async () => {
          const pid = await crash(victim, work, 100 + i);
          return { pid, language, uid: 100 + i };
        }),
      );
      const crashed = await threeAtOnce(crashes);
      // The parent sees the end of a process when its pipe is empty: the handler may need a moment more.
      await until(() => guard.dumps().length === crashed.length);
      expect(guard.refusals()).toEqual([]);
      expect(guard.spool()).toHaveLength(2 * crashed.length);
      for (const { pid, language, uid } of crashed) {
        const [name, ...others] = guard.dumps().filter((each) => each.split('-')[2] === `${pid}`);
        expect([others, name]).toEqual([[], expect.not.stringContaining('.cut.')]);
        const info = guard.info(name!);
        expect([info.get('uid'), info.get('signal'), info.get('source')]).toEqual([`${uid}`, '6', 'kernel']);
        expect(info.get('program')).not.toBe('');
        if (uid > 100) continue;
        const { bytes, whole } = guard.open(name!);
        expect([language, whole, bytes.subarray(0, 4).toString('latin1')]).toEqual([
          language,
          true,
          '\x7fELF',
        ]);
      }
    }));

  test('gdb opens what age and zstd give', () =>
    withHandler(async (guard, work) => {
      const source = join(guard.folder, 'a.c');
      writeFileSync(
        source,
        '#include <stdlib.h>\nvoid fails(void) { abort(); }\nint main(void) { fails(); }\n',
      );
      const binary = join(work, 'fails');
      execFileSync('gcc', ['-g', '-O0', '-o', binary, source]);
      const child = spawn(...coreable(binary, []), { cwd: work, stdio: 'ignore' });
      expect((await once(child, 'exit'))[1]).toBe('SIGABRT');
      await until(() => guard.dumps().length === 1);
      const core = join(guard.folder, 'core');
      writeFileSync(core, guard.open(guard.dumps()[0]!).bytes);
      const gdb = ['-nx', '-batch', '-ex', 'backtrace', binary, core];
      expect(execFileSync(program('gdb'), gdb, { encoding: 'utf8', stdio: 'pipe' })).toMatch(
        / fails \(\) at .*\n.* main \(\)/,
      );
    }));

  test('a crash inside a user and PID namespace: the host’s numbers, sealed whole', () =>
    withHandler(async (guard, work) => {
      const inside = 'ulimit -c unlimited; "$0" -c "import os; os.abort()"; exit 0';
      const unshare = ['--user', '--map-root-user', '--pid', '--fork', '/bin/sh', '-c', inside, PYTHON];
      execFileSync(
        program('setpriv'),
        ['--reuid', '1234', '--clear-groups', program('unshare'), ...unshare],
        {
          cwd: work,
          stdio: 'ignore',
        },
      );
      await until(() => guard.dumps().length === 1);
      const [name] = guard.dumps();
      const info = guard.info(name!);
      expect(info.get('uid')).toBe('1234');
      expect(info.get('sections')).toContain(`\nNSpid:\t${info.get('pid')}\t2\n`);
      expect(statSync(guard.path(name!)).gid).toBe(1234);
      const { bytes, whole } = guard.open(name!);
      expect([whole, bytes.subarray(0, 4).toString('latin1')]).toEqual([true, '\x7fELF']);
    }));

  test('a crash of a setuid program: sealed, and noted as one', () =>
    withHandler(async (guard, work) => {
      const source = join(guard.folder, 'a.c');
      writeFileSync(source, '#include <stdlib.h>\nint main(void) { abort(); }\n');
      const binary = join(work, 'setuid');
      execFileSync('gcc', ['-o', binary, source]);
      chmodSync(binary, 0o4755);
      const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', binary];
      const child = spawn(...coreable(program('setpriv'), as), { cwd: work, stdio: 'ignore' });
      expect((await once(child, 'exit'))[1]).toBe('SIGABRT');
      await until(() => guard.dumps().length === 1);
      const info = guard.info(guard.dumps()[0]!);
      expect([info.get('uid'), info.get('dumpable'), info.get('program')]).toEqual(['65534', '2', binary]);
      expect(statSync(guard.path(guard.dumps()[0]!)).mode & 0o777).toBe(0o600);
    }));

  test('a sparse mapping of 1 TiB is cut, its process ends, and no handler is left', () =>
    withHandler(
      async (guard, work) => {
        const script = [
          'import mmap, os',
          'flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE',
          'memory = mmap.mmap(-1, 1 << 40, flags=flags)',
          'memory[5] = 1',
          'os.abort()',
        ].join('\n');
        const child = spawn(...coreable(PYTHON, ['-c', script]), { cwd: work, stdio: 'ignore' });
        const began = Date.now();
        // Without an end the kernel would walk through the mapping; it was ended before its signal was noted.
        expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
        expect(guard.running()).toEqual([]);
        expect(guard.dumps()[0]).toMatch(/\.cut\.age$/);
        expect(Date.now() - began).toBeLessThan(20_000);
      },
      { seconds: 1 },
    ));

  test('crashes elsewhere give a core in the working folder, as the pattern did before', () =>
    withHandler((guard) =>
      withTempDir(async (elsewhere) => {
        const child = spawn(...coreable('/bin/sh', ['-c', 'kill -SEGV $$']), {
          cwd: elsewhere,
          stdio: 'ignore',
        });
        expect((await once(child, 'exit'))[1]).toBe('SIGSEGV');
        await until(() => existsSync(join(elsewhere, 'core')));
        expect(guard.spool()).toEqual([]);
      }),
    ));

  test('the pattern is restored even if the test is killed', () =>
    withTempDir(async (folder) => {
      const pattern = () => readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
      const before = pattern();
      const module = new URL('../../support/core-pattern.js', import.meta.url);
      const script = `import { withCorePattern } from '${module}';
        await withCorePattern('${folder}', ['/bin/true'], () => new Promise(() => setInterval(() => {}, 1000)));`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
      await until(() => pattern() !== before);
      child.kill('SIGKILL');
      await until(() => pattern() === before);
      rmSync(`${folder}.dispatch`);
    }));

  test('a core limit of 0: nothing is kept, and the refusal is counted', () =>
    withHandler(async (guard, work) => {
      const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; kill -SEGV $$'], { cwd: work, stdio: 'ignore' });
      expect((await once(child, 'exit'))[1]).toBe('SIGSEGV');
      await until(() => guard.refusals().length === 1);
      expect([guard.refusals(), guard.spool()]).toEqual([['limit'], []]);
    }));
});

/** Stands for systemd's instance names: number, process and user of the peer (`%i` of a template). */
const INSTANCE = `
import os, socket, struct, sys
peer = socket.socket(fileno=os.dup(0))
pid, uid, _ = struct.unpack('3i', peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
os.execv(sys.argv[1], [sys.argv[1], f'1-{pid}-{uid}'])
`;

describeWith(
  [...CORE_PATTERN, 'Linux 6.16', 'systemd-socket-activate', 'age', 'zstd', 'python3'],
  'real crashes by a socket',
  () => {
    test('the kernel connects for each crash, of any user', () =>
      withTempDir(async (folder) => {
        const guard = new Guard(folder);
        const [work, socket] = [join(folder, 'work'), join(folder, 'seal.sock')];
        mkdirSync(work);
        chmodSync(folder, 0o711);
        chmodSync(work, 0o777);
        const args = ['--accept', '--inetd', '-l', socket, PYTHON, '-c', INSTANCE, dispatcherOf(work)];
        const activate = spawn(program('systemd-socket-activate'), args, { env: {}, stdio: 'ignore' });
        try {
          await until(() => existsSync(socket));
          chmodSync(socket, 0o600);
          const victim = { command: [PYTHON, '-c', 'print("ready", flush=True); input()'], ready: 'ready' };
          const body = () => threeAtOnce([0, 1234, 1235].map((uid) => () => crash(victim, work, uid)));
          const pids = await withCorePattern(work, [SEAL, guard.settings], body, () => `@${socket}`);
          await until(() => guard.dumps().length === 3);
          expect(
            guard
              .dumps()
              .map((name) => name.split('-')[2])
              .sort(),
          ).toEqual(pids.map(String).sort());
          for (const name of guard.dumps()) {
            const { bytes, whole } = guard.open(name);
            expect([whole, bytes.subarray(0, 4).toString('latin1')]).toEqual([true, '\x7fELF']);
            expect(guard.info(name).get('source')).toBe('socket');
          }
          expect(
            guard
              .dumps()
              .map((name) => guard.info(name).get('uid'))
              .sort(),
          ).toEqual(['0', '1234', '1235']);
        } finally {
          activate.kill();
          await once(activate, 'exit');
        }
      }));
  },
);
