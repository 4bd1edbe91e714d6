import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkGuard, type GuardCheckOptions } from '../../src/guard/check/check.js';
import type { CheckRow } from '../../src/guard/check/key-checks.js';
import { Layout } from '../../src/guard/state/layout.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { BOOT, type CheckedGuard, withCheckedGuard } from './checked-guard.js';

const check = ({ policy, places }: CheckedGuard, options: GuardCheckOptions = {}) =>
  checkGuard(policy, { ...options, places });

const of = (rows: readonly CheckRow[], state: CheckRow['state']) =>
  rows.filter((row) => row.state === state).map((row) => row.check);

type Change = (guard: CheckedGuard) => unknown;

const all =
  (...changes: Change[]): Change =>
  (guard) => {
    for (const change of changes) change(guard);
  };

/** Lets the folders take this part of the share. */
const fill =
  (part: number): Change =>
  (guard) => {
    guard.write('state/out/copy', 'x'.repeat(100_000));
    guard.policy.disk = new Layout(guard.state).share() / part;
  };

const removeSpool: Change = (guard) => rmSync(guard.file('state/spool'), { recursive: true });

/** Lets one program alone be in the path. */
const only =
  (name: 'age' | 'zstd'): Change =>
  (guard) => {
    symlinkSync(program(name), guard.file('lib', name));
    guard.places.path = guard.file('lib');
  };

/** What can be wrong, which checks say so, and in which words. */
const WRONG: [name: string, change: Change, checks: string[], message: RegExp][] = [
  [
    'a foreign pattern',
    (g) => g.write('kernel/core_pattern', 'core\n'),
    ['pattern'],
    /is "core": dumps do not come/,
  ],
  ['no pattern', (g) => g.write('kernel/core_pattern', '\n'), ['pattern'], /is empty/],
  [
    'the pattern of another handler',
    (g) => g.write('kernel/core_pattern', '|/usr/lib/systemd/systemd-coredump %P\n'),
    ['pattern'],
    /systemd-coredump/,
  ],
  [
    'a socket that is not there',
    (g) => g.write('kernel/core_pattern', '@/run/dumpsieve-none.sock\n'),
    ['handler'],
    /is no socket/,
  ],
  [
    'a handler that is not executable',
    (g) => chmodSync(g.file('lib/seal'), 0o644),
    ['handler'],
    /is not executable/,
  ],
  ['no handler', (g) => rmSync(g.file('lib/seal')), ['handler'], /no such file/],
  [
    'a handler that others may write to',
    (g) => chmodSync(g.file('lib/seal'), 0o777),
    ['handler'],
    /may write to it/,
  ],
  [
    'a handler that others may replace',
    (g) => chmodSync(g.file('lib'), 0o777),
    ['handler'],
    /they may write to its folder/,
  ],
  [
    'settings of another state',
    (g) => appendFileSync(g.file('seal.conf'), 'state=/var/lib/other\n'),
    ['settings'],
    /state=\/var\/lib\/other/,
  ],
  [
    'settings that others may write to',
    (g) => chmodSync(g.file('seal.conf'), 0o666),
    ['settings'],
    /may write to it/,
  ],
  ['no settings', (g) => rmSync(g.file('seal.conf')), ['settings'], /are missing/],
  ['no age', only('zstd'), ['programs', 'recipients', 'recipients'], /age is in none of/],
  ['no zstd', only('age'), ['programs'], /zstd is in none of/],
  [
    'empty recipients',
    (g) => g.write('recipients', '# none\n'),
    ['recipients', 'identity'],
    /there is no recipient in it/,
  ],
  [
    'damaged recipients',
    (g) => g.write('recipients', `${readFileSync(g.file('recipients'))}age1damaged\n`),
    ['recipients'],
    /age does not accept it/,
  ],
  [
    'recipients that others may write to',
    (g) => chmodSync(g.file('recipients'), 0o646),
    ['recipients'],
    /may write to it/,
  ],
  [
    'no recipients',
    (g) => rmSync(g.file('recipients')),
    ['recipients', 'identity'],
    /recipients cannot be seen/,
  ],
  [
    'a responder that others may write to',
    (g) => chmodSync(g.file('responder'), 0o664),
    ['recipients'],
    /responder: other users may write/,
  ],
  [
    'the machine as its own responder',
    (g) => g.write('responder', `${readFileSync(g.file('recipients'))}`),
    ['identity'],
    /it opens quarantine/,
  ],
  [
    'recipients without the machine',
    (g) => g.write('recipients', `${readFileSync(g.file('responder'))}`),
    ['identity'],
    /it opens no dump/,
  ],
  ['no spool', removeSpool, ['spool'], /spool cannot be seen/],
  [
    'a spool that others may read',
    (g) => chmodSync(g.file('state/spool'), 0o755),
    ['spool'],
    /spool: other users may read it/,
  ],
  ['a spool that is a file', all(removeSpool, (g) => g.write('state/spool', '')), ['spool'], /is no folder/],
  [
    'an identity that others may read',
    (g) => chmodSync(g.file('machine.key'), 0o644),
    ['identity'],
    /machine.key: other users may read it/,
  ],
  ['no identity', (g) => rmSync(g.file('machine.key')), ['identity'], /machine.key cannot be seen/],
  [
    'a signing key that others may read',
    (g) => chmodSync(g.file('sign.key'), 0o640),
    ['sign'],
    /sign.key: other users may read it/,
  ],
  ['a damaged signing key', (g) => g.write('sign.key', 'x', 0o600), ['sign'], /no key of a known kind/],
  ['no service', (g) => g.stop(), ['service'], /guard watch is not running/],
  ['a disk above 80 % of the share', fill(0.81), ['disk'], /80 % of it are reached/],
];

describeWith(['age', 'zstd'], 'guard check', () => {
  test('finds nothing wrong with a guard that is in force', () =>
    withCheckedGuard(async (guard) => {
      const { exit, rows } = await check(guard);
      expect(of(rows, 'wrong')).toEqual([]);
      expect(of(rows, 'unknown')).toEqual([]);
      expect(exit).toBe(0);
      const byName = Object.fromEntries(rows.map((row) => [row.check, row.message]));
      expect(byName.identity).toContain('protects against other users and careless copying');
      expect(byName.sign).toMatch(/public half: RW[\w+/]{54}/);
      expect(byName['kernel-log']).toBe('the kernel has skipped no dump since boot');
    }));

  test.each(WRONG)('exits 1 for %s', (_name, change, checks, message) =>
    withCheckedGuard(async (guard) => {
      change(guard);
      const { exit, rows } = await check(guard);
      expect(of(rows, 'wrong')).toEqual(checks);
      expect(exit).toBe(1);
      const wrong = rows.filter(({ state }) => state === 'wrong');
      expect(wrong.map((row) => row.message).join('\n')).toMatch(message);
      for (const { hint } of wrong) expect(hint).toMatch(/\w/);
    }),
  );

  test.each<[string, Change, string, RegExp]>([
    ['a low limit', (g) => g.write('kernel/core_pipe_limit', '4'), 'pipe-limit', /skips dumps/],
    [
      'dumps that the kernel skipped',
      (g) =>
        appendFileSync(
          g.file('kmsg'),
          '3,9,9,-;coredump: 12(sh): over core_pipe_limit, skipping core dump\n'.repeat(3),
        ),
      'kernel-log',
      /over core_pipe_limit: 3/,
    ],
    [
      'a handler that did not start',
      (g) => appendFileSync(g.file('kmsg'), '3,9,9,-;Core dump to |/x/seal pipe failed\n'),
      'kernel-log',
      /could not start the handler: 1/,
    ],
    [
      'dumps that the handler refused',
      (g) => appendFileSync(g.file('kmsg'), '4,9,9,-;dumpsieve seal: refused disk 1-2\n'),
      'kernel-log',
      /refused by the handler: 1/,
    ],
    [
      'refusals that are counted',
      all(
        (g) => mkdirSync(g.file('state/refused')),
        (g) => g.write('state/refused/disk', '1 a\n2 b\n'),
      ),
      'refused',
      /refused \(disk\): 2/,
    ],
    [
      'a kernel log that cannot be read',
      (g) => rmSync(g.file('kmsg')),
      'kernel-log',
      /cannot be read.*not counted/,
    ],
    ['no identity in the policy', (g) => delete g.policy.identity, 'identity', /all goes to quarantine/],
    [
      'a responder that cannot open the spool',
      (g) => g.write('recipients', `${readFileSync(g.file('recipients'), 'utf8').split('\n')[1]}\n`),
      'recipients',
      /not all of/,
    ],
    ['another share', (g) => appendFileSync(g.file('seal.conf'), 'share=20\n'), 'settings', /share=20/],
  ])('notes %s', (_name, change, checked, message) =>
    withCheckedGuard(async (guard) => {
      change(guard);
      const { exit, rows } = await check(guard);
      const notes = rows.filter((row) => row.state === 'note' && row.check === checked);
      expect(notes.map((row) => row.message).join('\n')).toMatch(message);
      expect(exit).toBe(0);
    }),
  );

  test('age and zstd may be where the settings of the handler say', () =>
    withCheckedGuard(async (guard) => {
      const found = guard.places.path;
      guard.places.path = guard.file('lib');
      appendFileSync(guard.file('seal.conf'), `PATH=$PATH:${found}\n`);
      const { rows } = await check(guard);
      expect(of(rows, 'wrong')).toEqual([]);
    }));

  test('a disk below 80 % of the share is right', () =>
    withCheckedGuard(async (guard) => {
      fill(0.79)(guard);
      const { rows } = await check(guard);
      expect(rows.find((row) => row.check === 'disk')).toMatchObject({ state: 'ok' });
    }));

  test('says where an identity in memory protects', () =>
    withCheckedGuard(async (guard) => {
      const memory = `/dev/shm/dumpsieve-test-${process.pid}`;
      writeFileSync(memory, readFileSync(guard.file('machine.key')), { mode: 0o600 });
      try {
        guard.policy.identity = memory;
        const { rows } = await check(guard);
        expect(rows.find((row) => row.check === 'identity')?.message).toContain('in memory, gone at reboot');
      } finally {
        rmSync(memory);
      }
    }));

  test('exits 2 where the pattern cannot be seen', () =>
    withCheckedGuard(async (guard) => {
      rmSync(guard.file('kernel/core_pattern'));
      const { exit, rows } = await check(guard);
      expect([exit, of(rows, 'unknown')]).toEqual([2, ['pattern']]);
    }));

  /** An id as the handler gives the dump of a shell of this user. */
  const ID = (): string => {
    const key = createHash('sha256')
      .update(`${process.getuid!()}\0${realpathSync('/bin/sh')}`)
      .digest('hex');
    return `${Math.ceil(Date.now() / 1000)}-${BOOT}-1-${key.slice(0, 16)}`;
  };

  test.each([
    ['in the spool', (g: CheckedGuard, id: string) => g.write(`state/spool/${id}.age`, 'x'), 0],
    ['in the log', (g: CheckedGuard, id: string) => g.write('state/log.jsonl', `{"dump":"${id}"}\n`), 0],
    ['still being written', (g: CheckedGuard, id: string) => g.write(`state/spool/.${id}.age`, 'x'), 1],
    [
      'of an earlier crash',
      (g: CheckedGuard, id: string) => g.write(`state/spool/${id.replace(/^\d+/, '17')}.age`, 'x'),
      1,
    ],
    [
      'of another program',
      (g: CheckedGuard, id: string) => g.write(`state/spool/${id.slice(0, -1)}x.age`, 'x'),
      1,
    ],
    ['nowhere', () => {}, 1],
  ])('a probe whose dump is %s', (_name, arrive, exit) =>
    withCheckedGuard(async (guard) => {
      const done = check(guard, { probe: true });
      const timer = setInterval(() => arrive(guard, ID()), 50);
      const result = await done;
      clearInterval(timer);
      const row = result.rows.at(-1)!;
      expect([row.check, row.state, result.exit]).toEqual(['probe', exit === 0 ? 'ok' : 'wrong', exit]);
      if (exit === 1) expect(row.message).toContain('nothing came of it within 0.4 s');
    }),
  );

  test('no probe where the pattern is foreign', () =>
    withCheckedGuard(async (guard) => {
      guard.write('kernel/core_pattern', 'core');
      const { exit, rows } = await check(guard, { probe: true });
      expect([exit, rows.at(-1)?.message]).toEqual([
        1,
        expect.stringContaining('no probe: kernel.core_pattern'),
      ]);
    }));

  test('the command prints each check, with what mends it', () =>
    withCheckedGuard(async (guard) => {
      chmodSync(guard.file('recipients'), 0o666);
      const args = ['guard', 'check', '--policy', guard.file('guard.yaml')];
      const { status, stdout, stderr } = await runCli(args);
      // The kernel's pattern is that of this machine.
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(
        /^WRONG +recipients +\S+recipients: other users may write to it\n +hint: chmod go-w /m,
      );
      expect(stdout).toMatch(/^ok +service +guard watch is running$/m);
      expect(stdout).toMatch(/^wrong: \d+\n$/m);
      const json = await runCli([...args, '--json']);
      const { exit, rows } = JSON.parse(json.stdout) as { exit: number; rows: CheckRow[] };
      expect([exit, rows.find(({ check }) => check === 'spool')?.state]).toEqual([1, 'ok']);
      const none = await runCli(['guard', 'check', '--policy', guard.file('none')]);
      expect([none.status, none.stderr]).toEqual([3, expect.stringContaining('policy-unreadable')]);
    }));
});
