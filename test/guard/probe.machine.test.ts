import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkGuard } from '../../src/guard/check/check.js';
import { CORE_PATTERN, withCorePattern } from '../support/core-pattern.js';
import { describeWith } from '../support/describe.js';
import { type CheckedGuard, withCheckedGuard } from './checked-guard.js';
import { SEAL } from './seal/handler.js';

/** Runs a probe whose crash the real handler gets. */
function probed(guard: CheckedGuard, patience: number) {
  const { file, policy, places, write } = guard;
  const work = file('work');
  for (const folder of [work, file('state/refused')]) mkdirSync(folder);
  chmodSync(guard.root, 0o711);
  write(
    'seal.conf',
    `state=${file('state')} recipients=${file('recipients')} share=90\nexec 2>>${file('log')}\n`,
  );
  const check = () => checkGuard(policy, { probe: true, places: { ...places, temporary: work, patience } });
  return withCorePattern(work, [SEAL, file('seal.conf')], check);
}

describeWith([...CORE_PATTERN, 'age', 'zstd'], 'a probe with the real handler', () => {
  test('finds its sealed dump within 5 s, by its process', () =>
    withCheckedGuard(async (guard) => {
      const { rows } = await probed(guard, 5000);
      const { check, state, message } = rows.at(-1)!;
      expect([check, state]).toEqual(['probe', 'ok']);
      const [name = ''] = readdirSync(guard.file('state/spool')).filter((each) => !each.includes('info'));
      expect(message).toContain(name.replace(/\.age$/, ''));
      const script = 'age -d -i "$1" "$2" | zstd -dcq';
      const args = ['-c', script, 'sh', guard.file('responder.key'), guard.file('state/spool', name)];
      const core = execFileSync('sh', args, { maxBuffer: 2 ** 28 });
      expect(core.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    }));

  test('says that dumps are lost where the handler cannot seal', () =>
    withCheckedGuard(async (guard) => {
      guard.write('recipients', 'age1damaged\n');
      const { exit, rows } = await probed(guard, 1500);
      expect([exit, rows.at(-1)?.state]).toEqual([1, 'wrong']);
      expect(rows.at(-1)?.message).toContain('nothing came of it within 1.5 s');
    }));
});
