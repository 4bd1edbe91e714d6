import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pkcs8Pem, rsaKey, spkiDer } from '../../../fixtures/keys.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { readRuleset, rulesetOf } from '../../../fleet/src/work/ruleset.js';
import type { RunFacts, ScannerOptions } from '../../../src/index.js';
import './fakes.js';

const TOOL: RunFacts['tool'] = {
  name: 'dumpsieve',
  version: '1.0.0',
  rules: { count: 2, sha256: 'a'.repeat(64) },
};
const digest = (options: ScannerOptions, targets: string[] = []) => rulesetOf(TOOL, options, targets).digest;

describe('a rule set', () => {
  test.each<[string, ScannerOptions, ScannerOptions]>([
    ['defaults', {}, { effort: 'normal', failOn: 'high', minConfidence: 'medium', ifNoFiles: 'warn' }],
    ['switches that are off', {}, { strict: false, deep: false, onlySigning: false, entropyNet: true }],
    ['empty lists', {}, { only: [], skip: [], include: [] }],
    ['how effort is written', { deep: true }, { effort: 'deep' }],
    ['order and repetition', { skip: ['a', 'b'] }, { skip: ['b', 'a', 'b'] }],
    ['what has no effect', {}, { jobs: 3, hash: true, spoolDir: '/tmp', regions: true, follow: true }],
    ['which file has a password', { archivePasswordFile: 'a' }, { archivePasswordFile: 'b' }],
  ])('does not depend on %s', (_what, a, b) => {
    expect(digest(a)).toBe(digest(b));
  });

  test('depends on each option that changes what is found or what fails', () => {
    const each: ScannerOptions[] = [
      {},
      { effort: 'quick' },
      { effort: 'deep' },
      { only: ['a'] },
      { only: ['b'] },
      { skip: ['a'] },
      { with: ['a'] },
      { onlySigning: true },
      { entropyNet: false },
      { failOn: 'low' },
      { failOnKind: ['token'] },
      { minConfidence: 'low' },
      { expectAbsent: true },
      { strict: true },
      { exitZero: true },
      { acceptLimits: ['x'] },
      { include: ['*.core'] },
      { exclude: ['*.core'] },
      { archivePasswordFile: 'a' },
    ];
    expect(new Set(each.map((options) => digest(options))).size).toBe(each.length);
  });

  test('depends on version, rules, and the targets in their order', () => {
    const all = [
      rulesetOf(TOOL, {}),
      rulesetOf({ ...TOOL, version: '1.0.1' }, {}),
      rulesetOf({ ...TOOL, rules: { count: 2, sha256: 'b'.repeat(64) } }, {}),
      rulesetOf(TOOL, {}, ['x', 'y']),
      rulesetOf(TOOL, {}, ['y', 'x']),
      rulesetOf(TOOL, {}, [], { allow: ['x'] }),
    ];
    expect(new Set(all.map((each) => each.digest)).size).toBe(all.length);
  });

  describe('of files', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'dumpsieve-ruleset-'));
      const key = rsaKey(new SeededRandom('rule set'));
      writeFileSync(join(folder, 'private.pem'), pkcs8Pem(key));
      const pem = spkiDer(key)
        .toString('base64')
        .replace(/(.{64})/g, '$1\n');
      writeFileSync(
        join(folder, 'public.pem'),
        `-----BEGIN PUBLIC KEY-----\n${pem}\n-----END PUBLIC KEY-----\n`,
      );
      writeFileSync(join(folder, 'baseline'), '{}');
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('has digests of their targets, and no secret', async () => {
      const find = ['private.pem', 'public.pem'].map((name) => join(folder, name));
      const { ruleset, targets } = await readRuleset(TOOL, { find, allow: find.slice(0, 1) });
      expect(ruleset.targets).toEqual(targets.map((target) => target.digest));
      expect(ruleset.targets).toHaveLength(2);
      expect(ruleset.options).toEqual({ allow: ruleset.targets.slice(0, 1) });
      expect(JSON.stringify(ruleset)).not.toContain(folder);
    });

    test('depends on the content of a baseline and not on its name', async () => {
      const options = { baseline: join(folder, 'baseline') };
      const before = (await readRuleset(TOOL, options)).ruleset;
      writeFileSync(options.baseline, '{"findings":[]}');
      expect((await readRuleset(TOOL, options)).ruleset.digest).not.toBe(before.digest);
      expect(before.options).toEqual({ baseline: expect.stringMatching(/^[0-9a-f]{64}$/) });
    });
  });
});
