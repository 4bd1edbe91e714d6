import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { listDumps } from '../../src/guard/dump-list.js';
import type { LogRecord } from '../../src/guard/log/chain.js';
import { GuardLog } from '../../src/guard/log/log.js';
import { releaseDump } from '../../src/guard/release.js';
import { serveRequests } from '../../src/guard/requests.js';
import { ManifestSigner } from '../../src/redact/signature/signer.js';
import { runBash, runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { type CheckedGuard, withCheckedGuard } from './checked-guard.js';

const idOf = (second: number) => `${1_796_100_000 + second}-0badcafe-${second}-${'0123456789abcdef'}`;
const [WAITING, COPIED, CONFINED, CUT, DROPPED] = [1, 2, 3, 4, 5].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
];
const CORE = Buffer.from('a core of nothing\n'.repeat(100));

const sealed = ({ file }: CheckedGuard, content: Uint8Array): Buffer =>
  execFileSync(program('age'), ['-R', file('responder')], { input: content });
const packed = (content: Uint8Array) => execFileSync('zstd', ['-1', '-q', '-c'], { input: content });

const openLog = ({ file, state }: CheckedGuard) =>
  GuardLog.open(state, ManifestSigner.open(file('sign.key')));

const logOf = ({ file }: CheckedGuard): LogRecord[] =>
  readFileSync(file('state/log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogRecord);

/** A guard with dumps in all states, without its service. */
const withDumps = (body: (guard: CheckedGuard) => Promise<void>): Promise<void> =>
  withCheckedGuard(async (guard) => {
    const { write, file } = guard;
    write(`state/spool/${WAITING}.age`, 'sealed');
    write(`state/out/${COPIED}`, 'copy');
    write(`state/out/${COPIED}.manifest.json`, '{}');
    writeFileSync(file(`state/quarantine/${COPIED}.age`), sealed(guard, packed(CORE)));
    writeFileSync(file(`state/quarantine/${CONFINED}.age`), sealed(guard, packed(CORE)));
    writeFileSync(file(`state/quarantine/${CONFINED}.info.age`), sealed(guard, Buffer.from('version: 1\n')));
    write(`state/quarantine/${CONFINED}.json`, '{}');
    writeFileSync(file(`state/quarantine/${CUT}.cut.age`), sealed(guard, packed(CORE)));
    mkdirSync(file('state/refused'));
    write('state/refused/loop', '1 a\n2 a\n');
    const log = await openLog(guard);
    const why = ['rule 1 (line 9), pass: exit is 1, not 0', 'rule 2 (line 10), quarantine: holds'];
    await log.append({ event: 'start' });
    await log.append({ event: 'decided', dump: COPIED, action: 'redact', rule: 3, exit: 1, why: [] });
    await log.append({ event: 'done', dump: COPIED, where: 'out' });
    await log.append({
      event: 'decided',
      dump: CONFINED,
      action: 'quarantine',
      rule: 2,
      reason: 'rule',
      exit: 1,
      why,
    });
    await log.append({
      event: 'decided',
      dump: CUT,
      action: 'quarantine',
      rule: 0,
      reason: 'copy-failed',
      code: 'disk',
      truncated: true,
      why: [],
    });
    await log.append({ event: 'decided', dump: DROPPED, action: 'drop', rule: 1, exit: 0, why: [] });
    await log.append({ event: 'done', dump: DROPPED, where: 'dropped' });
    log.close();
    guard.stop();
    await body(guard);
  });

/** Replaces a file by one with a line; returns its path. */
function written({ file, write }: CheckedGuard, name: string): string {
  write(name, '{}\n');
  return file(name);
}

const opened = ({ file }: CheckedGuard, name: string): Buffer =>
  execFileSync('sh', ['-c', 'age -d -i "$1" "$2" | zstd -dcq', 'sh', file('responder.key'), name]);

describeWith(['age', 'zstd'], 'guard list', () => {
  test('says where each dump is, and why', () =>
    withDumps(async (guard) => {
      const { dumps, refused, problems } = await listDumps(guard.policy);
      expect(dumps.map(({ isReleasable }) => isReleasable)).toEqual([false, true, true, true, false]);
      expect(dumps.map(({ id, place }) => [id, place])).toEqual([
        [WAITING, 'waiting'],
        [COPIED, 'out'],
        [CONFINED, 'quarantine'],
        [CUT, 'quarantine'],
        [DROPPED, 'dropped'],
      ]);
      expect(dumps[3]?.decided).toMatchObject({
        rule: 0,
        reason: 'copy-failed',
        code: 'disk',
        truncated: true,
      });
      expect([refused, problems]).toEqual([{ loop: 2 }, []]);
      const policy = ['--policy', guard.file('guard.yaml')];
      const { status, stdout, stderr } = await runCli(['guard', 'list', ...policy]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
        'dump | made | where | why',
        `${WAITING} | 2026-12-01 04:40 | waiting | not decided yet`,
        `${COPIED} | 2026-12-01 04:40 | out | redact (rule 3), exit 1, original in quarantine`,
        `${CONFINED} | 2026-12-01 04:40 | quarantine | quarantine (rule 2), exit 1`,
        `${CUT} | 2026-12-01 04:40 | quarantine | quarantine (copy-failed, disk), truncated`,
        'waiting: 1, out: 1, quarantine: 2, dropped: 1, expired: 0, gone: 0, refused: 2 (loop 2)',
        '',
      ]);
      const why = await runCli(['guard', 'list', CONFINED.slice(0, 11), '--why', ...policy]);
      expect(why.stdout).toContain(
        '\n    rule 1 (line 9), pass: exit is 1, not 0\n    rule 2 (line 10), quarantine: holds\n',
      );
      const json = JSON.parse((await runCli(['guard', 'list', '--all', '--json', ...policy])).stdout) as {
        dumps: unknown[];
      };
      expect(json.dumps).toHaveLength(5);
      expect((await runCli(['guard', 'list', '9', ...policy])).stderr).toContain('no-such-dump');
    }));

  test('takes the reason from beside the dump where there is no log, and says so', () =>
    withDumps(async (guard) => {
      guard.write(
        `state/quarantine/${CONFINED}.json`,
        JSON.stringify({ action: 'quarantine', rule: 7, why: ['a'] }),
      );
      rmSync(guard.file('state/log.jsonl'));
      const { dumps, problems } = await listDumps(guard.policy);
      expect(dumps.find(({ id }) => id === CONFINED)).toMatchObject({ decided: { rule: 7 }, why: ['a'] });
      expect(problems.map(({ code }) => code)).toEqual(['guard-no-log']);
      expect((await runCli(['guard', 'list', '--policy', guard.file('guard.yaml')])).status).toBe(2);
    }));

  test('says so where the log was changed', () =>
    withDumps(async (guard) => {
      guard.write(
        'state/log.jsonl',
        readFileSync(guard.file('state/log.jsonl'), 'utf8').replace('"rule":3', '"rule":4'),
      );
      const { problems } = await listDumps(guard.policy);
      expect(problems.map(({ code }) => code)).toEqual(['log-line-changed']);
    }));
});

describeWith(['age', 'zstd', 'bash'], 'guard release', () => {
  test('hands over the sealed dump, which the responder alone opens, after its entry', () =>
    withDumps(async (guard) => {
      const output = guard.file('core.age');
      const token = githubToken(new SeededRandom('release'));
      const args = [
        CONFINED,
        '--reason',
        `incident 12 ${token}`,
        '-o',
        output,
        '--policy',
        guard.file('guard.yaml'),
      ];
      const { status, stdout, stderr } = await runCli(['guard', 'release', ...args]);
      expect([status, stderr]).toEqual([0, '']);
      const bytes = readFileSync(output);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(stdout).toMatch(/^guard log [0-9a-f]{32} 8 [0-9a-f]{64}\n/);
      expect(stdout).toContain(`sha256: ${sha256}\nfile: ${output}\nfile: ${output}.info.age\n`);
      expect(opened(guard, output).equals(CORE)).toBe(true);
      expect(statSync(output).mode & 0o777).toBe(0o600);
      expect(existsSync(guard.file(`state/quarantine/${CONFINED}.age`))).toBe(true);
      const entry = logOf(guard).at(-1)!;
      expect(entry).toMatchObject({ event: 'released', dump: CONFINED, sealed: sha256 });
      expect(entry.reason).toMatch(/^incident 12 /);
      expect(readFileSync(guard.file('state/log.jsonl'), 'utf8')).not.toContain(token);
      const { dumps } = await listDumps(guard.policy);
      expect(dumps[2]?.released).toEqual([{ time: entry.time, reason: entry.reason }]);
    }));

  test('hands over to standard output, by a beginning of the id', () =>
    withDumps(async (guard) => {
      const args = `${CUT.slice(0, 10)} --reason r -o - --policy guard.yaml`;
      const script = `dumpsieve guard release ${args} > out.age`;
      const { status, stdout, stderr } = await runBash(script, { cwd: guard.root });
      expect([status, stdout]).toEqual([0, '']);
      expect(stderr).toContain(`released: ${CUT}, `);
      expect(opened(guard, guard.file('out.age')).equals(CORE)).toBe(true);
    }));

  type Options = Parameters<typeof releaseDump>[1];
  test.each<[string, (g: CheckedGuard) => Partial<Options>, string]>([
    ['an id that is none', () => ({ id: '9' }), 'no-such-dump'],
    ['an empty id', () => ({ id: '' }), 'no-such-dump'],
    ['the id of a dump that waits', () => ({ id: WAITING }), 'no-such-dump'],
    ['a beginning of two ids', () => ({ id: '17961' }), 'dump-not-unique'],
    ['an empty reason', () => ({ reason: ' ' }), 'wrong-call'],
    ['a reason that is too long', () => ({ reason: 'x '.repeat(600) }), 'wrong-call'],
    ['a file that is there', (g) => ({ output: g.file('guard.yaml') }), 'output-not-written'],
    [
      'a file of facts that is there',
      (g) => ({ output: written(g, 'x.info.age').replace('.info.age', '') }),
      'output-not-written',
    ],
    ['a folder that is missing', (g) => ({ output: g.file('none/x') }), 'output-not-written'],
    [
      'a log that was changed',
      (g) => ({ reason: written(g, 'state/log.jsonl') && 'r' }),
      'guard-log-changed',
    ],
  ])('refuses %s, and logs nothing', (_name, options, code) =>
    withDumps(async (guard) => {
      const given = { id: CONFINED, reason: 'r', output: guard.file('copy.age'), ...options(guard) };
      const before = readFileSync(guard.file('state/log.jsonl'), 'utf8');
      await expect(releaseDump(guard.policy, given)).rejects.toMatchObject({ code, exit: 3 });
      expect(readFileSync(guard.file('state/log.jsonl'), 'utf8')).toBe(before);
      expect(existsSync(guard.file('copy.age'))).toBe(false);
      expect(existsSync(guard.file('x'))).toBe(false);
    }),
  );
});

describe('beside a service, which alone writes the log', () => {
  const release = async (guard: CheckedGuard): Promise<Buffer> => {
    const parts: Buffer[] = [];
    const output = new Writable({
      write(part: Buffer, _encoding, done) {
        parts.push(part);
        done();
      },
    });
    await releaseDump(guard.policy, { id: CONFINED, reason: 'r', output });
    return Buffer.concat(parts);
  };
  /** A guard whose service runs, with one dump. */
  const withService = (body: (guard: CheckedGuard) => Promise<void>) =>
    withCheckedGuard(async (guard) => {
      guard.write(`state/quarantine/${CONFINED}.age`, 'sealed');
      await body(guard);
    });

  test('the service writes the entry', () =>
    withService(async (guard) => {
      const log = await openLog(guard);
      const requests = serveRequests(guard.state, (entry) => log.append(entry));
      expect((await release(guard)).toString()).toBe('sealed');
      expect(logOf(guard)).toMatchObject([{ event: 'released', dump: CONFINED, reason: 'r' }]);
      requests.close();
      log.close();
    }));

  test('nothing is handed over if the service cannot', () =>
    withService(async (guard) => {
      const requests = serveRequests(guard.state, () => Promise.reject(new Error('full')));
      const output = guard.file('copy.age');
      const released = releaseDump(guard.policy, { id: CONFINED, reason: 'r', output });
      await expect(released).rejects.toMatchObject({ code: 'guard-no-answer', exit: 2 });
      expect(existsSync(output)).toBe(false);
      requests.close();
    }));

  test('what is no release is not taken', () =>
    withService(async (guard) => {
      const folder = guard.file('state/requests');
      mkdirSync(folder);
      const rows = { event: 'released', dump: CONFINED, reason: 'r', sealed: '0'.repeat(64) };
      const wrong = [
        { ...rows, event: 'decided' },
        { ...rows, dump: 'x' },
        { ...rows, sealed: 'x' },
        { ...rows, reason: 'x'.repeat(1001) },
        'x',
      ];
      for (const [i, row] of wrong.entries())
        writeFileSync(join(folder, `${String(i).padStart(16, '0')}.json`), JSON.stringify(row));
      writeFileSync(join(folder, 'name.json'), JSON.stringify(rows));
      writeFileSync(join(folder, `${'f'.repeat(16)}.json`), JSON.stringify({ ...rows, secret: 'x' }));
      const taken: unknown[] = [];
      const requests = serveRequests(guard.state, async (entry) => void taken.push(entry));
      while (taken.length === 0) await sleep(10);
      requests.close();
      expect(taken).toEqual([rows]);
    }));
});
