import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { runProgram } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { coreable, startTarget } from '../../support/processes.js';
import { program } from '../../support/programs.js';
import { SEAL, until, withGuard } from './handler.js';

const FOLDER = fileURLToPath(asset('install/guard'));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Highest exposure of a unit, in tenths (systemd-analyze(1)). */
const MOST_EXPOSED = 20;

/** Copies the units, with paths that this machine has; the template gets an instance. */
function installed(folder: string): string[] {
  for (const name of readdirSync(FOLDER).filter((each) => /\.(service|socket)$/.test(each))) {
    const text = read(name)
      .replace('/usr/bin/dumpsieve', process.execPath)
      .replace('/usr/lib/dumpsieve/seal', SEAL)
      .replace(/^Documentation=.*$/m, '');
    writeFileSync(join(folder, name), text);
  }
  copyFileSync(join(folder, 'dumpsieve-seal@.service'), join(folder, 'dumpsieve-seal@1-2-0.service'));
  return ['dumpsieve-guard.service', 'dumpsieve-seal.socket', 'dumpsieve-seal@1-2-0.service'];
}

describeWith(['systemd-analyze'], 'the units of the guard', () => {
  test('are valid, and their sandboxes leave little', () =>
    withTempDir(async (cwd) => {
      const names = installed(cwd).map((name) => `./${name}`);
      const verified = await runProgram(program('systemd-analyze'), ['verify', '--man=no', ...names], {
        cwd,
      });
      expect(verified).toMatchObject({ status: 0, stderr: '' });
      const services = names.filter((name) => name.endsWith('.service'));
      const args = ['security', '--offline=true', `--threshold=${MOST_EXPOSED}`, '--no-pager', ...services];
      const { status, stdout } = await runProgram(program('systemd-analyze'), args, { cwd });
      expect([status, stdout.match(/Overall exposure level/g)?.length]).toEqual([0, services.length]);
    }));

  test('the service holds no core of its own, and ends with its children', () => {
    const service = read('dumpsieve-guard.service');
    for (const line of ['LimitCORE=0', 'KillMode=control-group', 'IOSchedulingClass=idle', 'CPUWeight=idle'])
      expect(service).toContain(`\n${line}\n`);
    expect(service).toMatch(/^LoadCredentialEncrypted=identity:/m);
  });

  test('the pattern fits into the kernel, and gives what the handler expects', () => {
    const [, pattern = ''] = /^kernel\.core_pattern = (\|.*)$/m.exec(read('sysctl.conf')) ?? [];
    expect(pattern.length).toBeLessThan(128);
    const [, used = ''] = /core_pattern = \|\S+ \[SETTINGS\] (.*)$/m.exec(readFileSync(SEAL, 'utf8')) ?? [];
    expect(pattern).toBe(`|/usr/lib/dumpsieve/seal ${used}`);
    expect(read('sysctl.conf')).toContain('kernel.core_pipe_limit = 16\n');
    expect(readFileSync(SEAL, 'utf8')).toContain(' slots=16 ');
  });

  test('the settings file names the defaults of the handler, and the package has all files', () => {
    const handler = readFileSync(SEAL, 'utf8');
    const settings = [...read('seal.conf').matchAll(/^(\w+)=(\S+)/gm)];
    expect(settings).toHaveLength(7);
    for (const [, name, value] of settings)
      expect(handler).toMatch(new RegExp(`^.*\\b${name}=${value}( |$)`, 'm'));
    const { files } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as { files: string[] };
    expect(files).toContain('install/guard');
    expect(handler.split('\n').length - 1).toBeLessThanOrEqual(60);
  });
});

test('docs/guard.md lists the reasons of refusals, and the settings', () => {
  const handler = readFileSync(SEAL, 'utf8');
  const docs = readFileSync(asset('docs/guard.md'), 'utf8');
  const table = (head: string) => {
    const rows = docs.slice(docs.indexOf(`| ${head} |`)).split('\n\n')[0]!;
    return [...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!).sort();
  };
  const reasons = [...handler.matchAll(/\b(?:refuse|note) ([a-z]+)/g)].map(([, reason]) => reason!);
  expect(table('reason')).toEqual([...new Set(reasons)].sort());
  expect(table('setting')).toEqual(
    [...read('seal.conf').matchAll(/^(\w+)=/gm)].map(([, name]) => name!).sort(),
  );
});

describeWith(['systemd-tmpfiles', 'root'], 'the folders', () => {
  test('are closed to all but root', () =>
    withTempDir(async (root) => {
      const made = await runProgram(program('systemd-tmpfiles'), [
        '--create',
        `--root=${root}`,
        join(FOLDER, 'tmpfiles.conf'),
      ]);
      expect(made).toMatchObject({ status: 0, stderr: '' });
      const state = join(root, 'var/lib/dumpsieve');
      const folders = ['.', ...readdirSync(state)];
      expect(folders.sort()).toEqual(['.', 'out', 'quarantine', 'refused', 'spool', 'work']);
      for (const name of folders) expect(statSync(join(state, name)).mode & 0o777).toBe(0o700);
    }));
});

describeWith(['systemd-socket-activate', 'setpriv', 'age', 'zstd', 'root'], 'the socket', () => {
  test('a connection is a dump, of the process that the instance names', () =>
    withGuard(async (guard) => {
      const victim = ['--reuid', '1234', '--clear-groups', program('sleep'), '600'];
      const crashed = await startTarget(...coreable(program('setpriv'), victim), { settle: 50 });
      const socket = join(guard.folder, 'seal.sock');
      // The capabilities of the unit, and no others. The program has no instance names; the unit passes `%i`.
      const [, set = ''] = /^CapabilityBoundingSet=(.*)$/m.exec(read('dumpsieve-seal@.service')) ?? [];
      const bounds = ['-all', ...set.split(' ').map((name) => name.toLowerCase().replace('cap_', '+'))];
      const sandbox = [program('setpriv'), '--no-new-privs', '--bounding-set', bounds.join(',')];
      const handler = [...sandbox, SEAL, guard.settings, `7-${crashed.pid}-1234`];
      const args = ['--accept', '--inetd', '-l', socket, ...handler];
      const activate = spawn(program('systemd-socket-activate'), args, { env: {}, stdio: 'ignore' });
      try {
        const bytes = randomBytes(2 ** 20);
        const connection = await connected(socket);
        connection.end(bytes);
        await once(connection, 'close');
        await until(() => guard.dumps().length === 1);
        const [name] = guard.dumps();
        expect(guard.holds(name!, bytes)).toBe(true);
        const info = guard.info(name!);
        expect(Object.fromEntries(info)).toMatchObject({
          source: 'socket',
          pid: `${crashed.pid}`,
          uid: '1234',
          program: realpathSync(program('sleep')),
          limit: 'unlimited',
        });
        expect(info.get('sections')).toMatch(/^== maps\n[0-9a-f]+-/m);
        expect(statSync(guard.path(name!)).gid).toBe(1234);
      } finally {
        activate.kill();
        await once(activate, 'exit');
        await crashed.stop();
      }
    }));
});

/** The socket is bound, and so has a file, before it listens. */
async function connected(socket: string): Promise<Socket> {
  for (;;) {
    await until(() => existsSync(socket));
    const connection = connect(socket);
    const refused = await once(connection, 'connect').then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (refused === undefined) return connection;
    if (refused.code !== 'ECONNREFUSED') throw refused;
    await pause(10);
  }
}

describeWith(['systemd-creds', 'age', 'zstd', 'root'], 'the identity as a credential', () => {
  test('systemd-creds gives back what opens a dump', () =>
    withGuard(async (guard) => {
      await guard.seal(Buffer.from('a core'));
      const sealed = join(guard.folder, 'identity.cred');
      const creds = (...args: string[]) => execFileSync(program('systemd-creds'), args, { stdio: 'pipe' });
      creds('encrypt', '--with-key=null', '--name=identity', guard.identity, sealed);
      expect(readFileSync(sealed, 'utf8')).not.toContain('AGE-SECRET-KEY');
      const identity = creds('decrypt', '--allow-null', '--name=identity', sealed, '-');
      expect(identity.equals(readFileSync(guard.identity))).toBe(true);
      writeFileSync(guard.identity, identity);
      expect(guard.open(guard.dumps()[0]!).bytes.toString()).toBe('a core');
    }));
});
