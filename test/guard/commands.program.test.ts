import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runCli, startCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { type GuardState, opened, spool, withGuard } from './guard-state.js';

const IDLE = readFileSync(asset('fixtures/dumps/idle.core'));
const TEXT = Buffer.from('no dump\n'.repeat(9));

const RULES = `rules:
  - { format: elf-core, exit: 0, action: pass }
  - { action: quarantine }
`;

const guard = ({ policy }: GuardState, verb: string, ...more: string[]) =>
  runCli(['guard', verb, ...more, '--policy', policy]);

let end = (): unknown => undefined;
afterEach(() => {
  end();
});

describeWith(['age', 'zstd'], 'beside a service that runs', () => {
  test('check sees it, list says why, release has its entry, and the log holds all printed heads', () =>
    withGuard(RULES, async (state) => {
      const out = spool(state, IDLE, { program: '/usr/bin/idle' });
      const confined = spool(state, TEXT, { program: '/usr/bin/text' });
      const service = startCli(['guard', 'watch', '--policy', state.policy]);
      end = () => service.child.kill('SIGKILL');
      let printed = '';
      service.child.stdout!.on('data', (part: Buffer) => {
        printed += part.toString();
      });
      const left = () =>
        [`out/${out}`, `quarantine/${confined}.json`].filter((name) => !existsSync(join(state.state, name)));
      for (let i = 0; i < 600 && left().length > 0; i++) await sleep(50);
      expect(left()).toEqual([]);

      const checked = await guard(state, 'check');
      expect(checked.stdout).toMatch(/^ok +service +guard watch is running$/m);
      const listed = await guard(state, 'list', '--why');
      expect([listed.status, listed.stderr]).toEqual([0, '']);
      const lines = listed.stdout.split('\n');
      const row = (id: string) => lines.findIndex((line) => line.startsWith(id));
      expect(lines[row(out)]).toMatch(/ out +pass \(rule 1\), exit 0$/);
      expect(lines[row(confined)]).toMatch(/ quarantine +quarantine \(rule 2\), exit \d$/);
      expect(lines.slice(row(confined) + 1, row(confined) + 3)).toEqual([
        expect.stringMatching(/^ {4}rule 1 \(line \d+\), pass: .*format is not elf-core/),
        expect.stringMatching(/^ {4}rule 2 \(line \d+\), quarantine: /),
      ]);

      const file = join(state.root, 'handed.age');
      const released = await guard(state, 'release', confined, '--reason', 'incident 12', '-o', file);
      expect([released.status, released.stderr]).toEqual([0, '']);
      expect(opened(file, state.responder)?.equals(TEXT)).toBe(true);
      expect(opened(file, state.machine)).toBeUndefined();

      service.child.kill('SIGTERM');
      const { status } = await service.result;
      expect(status).toBe(0);
      writeFileSync(join(state.root, 'heads'), printed);
      const log = join(state.state, 'log.jsonl');
      const verified = await runCli([
        'verify',
        log,
        '--key',
        state.publicKey,
        '--since',
        join(state.root, 'heads'),
      ]);
      expect([verified.status, verified.stderr]).toEqual([0, '']);
      const entries = readFileSync(log, 'utf8').trim().split('\n');
      expect(verified.stdout).toContain(
        `entries: ${entries.length}, heads: 1 signed, ${entries.length + 1} kept`,
      );
      const sealed = createHash('sha256').update(readFileSync(file)).digest('hex');
      expect(JSON.parse(entries.at(-1)!)).toMatchObject({ event: 'released', dump: confined, sealed });
    }));
});
