import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Encrypter } from 'age-encryption';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { verify } from '../../src/index.js';
import { type CliResult, runCli, startCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { entries, type GuardState, names, opened, spool, withGuard } from './guard-state.js';
import { until } from './seal/handler.js';
import { expectSettled } from './settled.js';

/** A core with a signing key, and one without a secret. */
const SIGNER = readFileSync(asset('fixtures/dumps/signer.core'));
const IDLE = readFileSync(asset('fixtures/dumps/idle.core'));
/** A name that is a secret. */
const TOKEN = githubToken(new SeededRandom('guard'));
const TEXT = Buffer.from('no dump\n'.repeat(9));

/** A scan takes several seconds: each password is a finding. */
const URLS = Buffer.from(
  Array.from(
    { length: 20_000 },
    (_, i) => `redis://user:${randomBytes(15).toString('hex')}@db${i}.internal/x`,
  ).join('\n'),
);

const RULES = `rules:
  - { truncated: true, format: elf-core, action: redact, keep: backtrace }
  - { exit: 0, action: pass }
  - { format: elf-core, rule: json-web-token, action: redact, keep: all }
`;

const watch = ({ policy, root }: GuardState): Promise<CliResult> =>
  runCli(['guard', 'watch', '--policy', policy, '--once'], { env: { NOTICES: join(root, 'notices') } });

const filesOf = (id: string): string[] => [id, `${id}.manifest.json`, `${id}.manifest.json.minisig`];

const decisionOf = (guard: GuardState, id: string) =>
  entries(guard).find(({ event, dump }) => event === 'decided' && dump === id);

describeWith(['age', 'zstd'], 'guard watch', () => {
  test('each dump ends as the policy says, and every copy verifies', () =>
    withGuard(
      `${RULES.replace('keep: all', 'keep: all, notify: true')}notify: [/bin/sh, -c, 'cat >> "$NOTICES"']
`,
      async (guard) => {
        const ids = [
          spool(guard, IDLE),
          spool(guard, SIGNER),
          spool(guard, TEXT, { program: '/usr/bin/text' }),
        ];
        const [clean, dirty] = ids as [string, string];
        const result = await watch(guard);
        expect(result).toMatchObject({ status: 0, stderr: '' });
        expect(Object.values(expectSettled(guard, ids))).toEqual(['out', 'out', 'out']);
        expect(names(guard, 'out')).toEqual(ids.sort().flatMap(filesOf));
        expect(readFileSync(join(guard.state, 'out', clean)).equals(IDLE)).toBe(true);
        for (const id of ids) {
          const copy = join(guard.state, 'out', id);
          const manifest = `${copy}.manifest.json`;
          expect(await verify({ manifest, file: copy, key: guard.publicKey })).toMatchObject({
            verified: true,
          });
        }
        expect((await runCli(['scan', join(guard.state, 'out', dirty)])).status).toBe(0);
        expect(decisionOf(guard, dirty)).toMatchObject({
          action: 'redact',
          rule: 3,
          exit: 1,
          format: 'elf-core',
          uid: 1000,
        });
        expect(JSON.parse(readFileSync(join(guard.root, 'notices'), 'utf8'))).toMatchObject({ dump: dirty });
        // Each entry's head is printed: the journal has it.
        expect(result.stdout.split('\n').filter(Boolean).length).toBe(entries(guard).length + 1);
      },
    ));

  test('a cut dump is redacted only where a rule says so, and marked', () =>
    withGuard(RULES, async (guard) => {
      const core = Buffer.concat([SIGNER, randomBytes(300_000)]);
      const cut = spool(guard, core, { cut: 200_000 });
      const text = spool(guard, Buffer.from(randomBytes(300_000).toString('hex')), {
        program: '/bin/t',
        cut: 200_000,
      });
      expect(await watch(guard)).toMatchObject({ status: 1, stderr: '' });
      expect(decisionOf(guard, cut)).toMatchObject({
        truncated: true,
        action: 'redact',
        keep: 'backtrace',
        rule: 1,
      });
      expect(decisionOf(guard, text)).toMatchObject({ truncated: true, action: 'quarantine', rule: 0 });
    }));

  test('quarantine opens for the responder alone, and says why', () =>
    withGuard('rules: [{ action: quarantine }]\n', async (guard) => {
      const id = spool(guard, SIGNER);
      expect((await watch(guard)).status).toBe(1);
      for (const [name, isCompressed] of [
        [`${id}.age`, true],
        [`${id}.info.age`, false],
      ] as const) {
        const file = join(guard.state, 'quarantine', name);
        expect(opened(file, guard.machine, { isCompressed })).toBeUndefined();
        expect(opened(file, guard.responder, { isCompressed })).toBeDefined();
      }
      expect(opened(join(guard.state, 'quarantine', `${id}.age`), guard.responder)?.equals(SIGNER)).toBe(
        true,
      );
      const why = JSON.parse(readFileSync(join(guard.state, 'quarantine', `${id}.json`), 'utf8'));
      expect(why).toMatchObject({ dump: id, action: 'quarantine', reason: 'rule', rule: 1, exit: 1 });
    }));

  test('without an identity nothing is opened', () =>
    withGuard(
      'rules: []\n',
      async (guard) => {
        const id = spool(guard, SIGNER);
        const before = readFileSync(join(guard.state, 'spool', `${id}.age`));
        expect((await watch(guard)).status).toBe(1);
        expect(readFileSync(join(guard.state, 'quarantine', `${id}.age`)).equals(before)).toBe(true);
        expect(decisionOf(guard, id)).toMatchObject({ action: 'quarantine', reason: 'no-identity' });
      },
      { identity: false },
    ));

  test('of a crash loop only as many dumps are opened as the policy says', () =>
    withGuard(`loop: { keep: 1, per: 1h }\n${RULES}`, async (guard) => {
      const ids = [1, 2, 3].map(() => spool(guard, TEXT));
      expect((await watch(guard)).status).toBe(1);
      expect(Object.values(expectSettled(guard, ids))).toEqual(['out', 'quarantine', 'quarantine']);
      expect(decisionOf(guard, ids[2]!)).toMatchObject({ reason: 'crash-loop' });
    }));

  test.each([
    // Enough to open a scanner, and too little for the dump.
    [
      'limits: { memory: 95M }',
      Buffer.from(randomBytes(6_000_000).toString('hex')),
      'scan-child-out-of-memory',
      2,
    ],
    ['limits: { time: 1s, attempts: 1 }', URLS, 'scan-child-timed-out', 1],
  ] as const)(
    'a dump that ends its scanner is quarantined after its attempts: %s',
    (limits, dump, code, attempts) =>
      withGuard(`${limits}\n${RULES}`, async (guard) => {
        const id = spool(guard, dump);
        expect((await watch(guard)).status).toBe(1);
        const failed = entries(guard).filter(({ event }) => event === 'failed');
        expect(failed.map((entry) => [entry.attempt, entry.code])).toEqual(
          [
            [1, code],
            [2, code],
          ].slice(0, attempts),
        );
        expect(decisionOf(guard, id)).toMatchObject({ action: 'quarantine', reason: 'attempts' });
        expectSettled(guard, [id]);
      }),
  );

  test('what another implementation of age has sealed is opened; what is sealed to others is not', () =>
    withGuard(RULES, async (guard) => {
      const sealedTo = async (recipient: string): Promise<string> => {
        const id = spool(guard, TEXT);
        const encrypter = new Encrypter();
        encrypter.addRecipient(recipient);
        const packed = opened(join(guard.state, 'spool', `${id}.age`), guard.machine, {
          isCompressed: false,
        })!;
        writeFileSync(join(guard.state, 'spool', `${id}.age`), await encrypter.encrypt(packed));
        return id;
      };
      const own = await sealedTo(guard.recipients.machine);
      const foreign = await sealedTo(guard.recipients.responder);
      expect((await watch(guard)).status).toBe(1);
      expect(expectSettled(guard, [own, foreign])).toEqual({ [own]: 'out', [foreign]: 'quarantine' });
      expect(decisionOf(guard, foreign)).toMatchObject({ reason: 'not-opened' });
      expect(opened(join(guard.state, 'quarantine', `${foreign}.age`), guard.responder)?.equals(TEXT)).toBe(
        true,
      );
    }));

  test('a second guard of one state ends with 3', () =>
    withGuard(RULES, async (guard) => {
      const first = startCli(['guard', 'watch', '--policy', guard.policy]);
      try {
        await until(() => entries(guard, { torn: true }).length > 0);
        expect(await watch(guard)).toMatchObject({
          status: 3,
          stderr: expect.stringContaining('guard-is-running'),
        });
        rmSync(join(guard.state, 'spool'), { recursive: true });
        await until(() => existsSync(join(guard.state, 'spool')));
        // The service sees a dump that comes meanwhile, in a folder that was removed and made anew.
        const id = spool(guard, TEXT);
        while (!existsSync(join(guard.state, 'out', id)))
          await new Promise((resolve) => setTimeout(resolve, 20));
      } finally {
        first.child.kill('SIGTERM');
        await first.result;
      }
    }));

  test('refusals of the handler are counted once; what expires is logged and removed', () =>
    withGuard(`retain: { out: 1s }\n${RULES}`, async (guard) => {
      const counted = (): unknown[] =>
        entries(guard)
          .filter(({ event }) => event === 'refused')
          .map(({ reason, count }) => [reason, count]);
      writeFileSync(join(guard.state, 'refused', 'loop'), '1 a\n2 b\n3 c\n');
      const id = spool(guard, TEXT);
      await watch(guard);
      expect(counted()).toEqual([['loop', 3]]);
      expect(names(guard, 'out')).toEqual(filesOf(id));
      await new Promise((resolve) => setTimeout(resolve, 1100));
      appendFileSync(join(guard.state, 'refused', 'loop'), '4 d\n');
      await watch(guard);
      expect(counted()).toEqual([
        ['loop', 3],
        ['loop', 1],
      ]);
      expect(names(guard, 'out')).toEqual([]);
      expect(entries(guard).find(({ event }) => event === 'expired')).toMatchObject({
        dump: id,
        where: 'out',
      });
    }));

  test('dumps of a clock that was set back, and of the future, are dealt with', () =>
    withGuard(RULES, async (guard) => {
      const now = Math.floor(Date.now() / 1000);
      const ids = [now - 86_400, now + 86_400].map((time) =>
        spool(guard, TEXT, { time, program: `/bin/${time}` }),
      );
      expect((await watch(guard)).status).toBe(0);
      expect(Object.values(expectSettled(guard, ids))).toEqual(['out', 'out']);
    }));

  test('what a killed handler has left is a cut dump, or a counted refusal', () =>
    withGuard(RULES, async (guard) => {
      const id = spool(guard, Buffer.from(randomBytes(300_000).toString('hex')), { cut: 200_000 });
      const file = (name: string): string => join(guard.state, 'spool', name);
      const sealed = readFileSync(file(`${id}.age`));
      const other = id.replace(/^\d+/, '1700000000');
      writeFileSync(file(`.${other}.4096.99`), sealed);
      const empty = id.replace(/^\d+/, '1700000001');
      writeFileSync(file(`.${empty}.4096.98`), '');
      const alone = id.replace(/^\d+/, '1700000002');
      writeFileSync(file(`${alone}.info.age`), sealed);
      utimesSync(file(`${alone}.info.age`), 1, 1);
      await watch(guard);
      expectSettled(guard, [id, other]);
      expect(decisionOf(guard, other)).toMatchObject({ truncated: true });
      const refused = entries(guard).filter(({ event }) => event === 'refused');
      expect(refused.map(({ dump, reason }) => [dump, reason])).toEqual([
        [empty, 'handler-killed'],
        [alone, 'handler-killed'],
      ]);
    }));

  test('files of a watched folder are sealed, removed and dealt with; other things there are listed', () =>
    withGuard(RULES, async (guard) => {
      const heaps = join(guard.root, 'heaps');
      mkdirSync(heaps, { mode: 0o755 });
      appendFileSync(guard.policy, 'watch: [{ path: heaps, quiet: 1s, original: remove }]\n');
      writeFileSync(join(heaps, 'a.core'), SIGNER);
      writeFileSync(join(heaps, `${TOKEN}.txt`), TEXT);
      symlinkSync('/etc/shadow', join(heaps, 'link'));
      expect(await watch(guard)).toMatchObject({ status: 0, stderr: '' });
      expect(readdirSync(heaps)).toEqual(['link']);
      const sealed = entries(guard).filter(({ event }) => event === 'sealed');
      expectSettled(
        guard,
        sealed.map(({ dump }) => dump!),
      );
      expect(sealed.map(({ bytes }) => bytes).sort()).toEqual([SIGNER.length, TEXT.length].sort());
      expect(sealed.every(({ seconds }) => typeof seconds === 'number')).toBe(true);
      expect(entries(guard)).toContainEqual(expect.objectContaining({ event: 'listed', reason: 'link' }));
      expect(readFileSync(join(guard.state, 'log.jsonl'), 'utf8')).not.toContain(TOKEN);
    }));
});
