import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { type GuardState, names, spool, withGuard } from './guard-state.js';

/** A core with a signing key, and one without a secret. */
const SIGNER = readFileSync(asset('fixtures/dumps/signer.core'));
const IDLE = readFileSync(asset('fixtures/dumps/idle.core'));

const RULES = `rules:
  - { exit: 0, action: pass }
  - { truncated: true, format: elf-core, action: redact, keep: backtrace }
  - { format: elf-core, action: redact, keep: all }
`;

const watch = ({ policy }: GuardState) => runCli(['guard', 'watch', '--policy', policy, '--once']);

describeWith(['age', 'zstd'], 'guard watch', () => {
  test('each dump ends as the policy says, and every copy verifies', () =>
    withGuard(RULES, async (guard) => {
      const clean = spool(guard, IDLE, { program: '/usr/bin/idle' });
      const dirty = spool(guard, SIGNER);
      const text = spool(guard, Buffer.from('no dump\n'.repeat(9)), { program: '/usr/bin/text' });
      const { status, stderr } = await watch(guard);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(names(guard, 'spool')).toEqual([]);
      expect(names(guard, 'work')).toEqual([]);
      const copies = [clean, dirty, text].sort();
      expect(names(guard, 'out')).toEqual(
        copies.flatMap((id) => [id, `${id}.manifest.json`, `${id}.manifest.json.minisig`]),
      );
      expect(readFileSync(join(guard.state, 'out', clean)).equals(IDLE)).toBe(true);
      for (const id of copies) {
        const copy = join(guard.state, 'out', id);
        const { status } = await runCli(['verify', `${copy}.manifest.json`, copy, '--key', guard.publicKey]);
        expect(status).toBe(0);
      }
      const { status: scanned } = await runCli(['scan', join(guard.state, 'out', dirty)]);
      expect(scanned).toBe(0);
    }));
});
