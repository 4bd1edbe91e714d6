import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkRules, listRules } from '../../src/api/check.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { withTempDir } from '../support/folder.js';

describe('the built-in rules through kernel and detector', () => {
  test('find all of their examples and none of their counterexamples', async () => {
    const { problems, ...counts } = await checkRules();
    expect(problems).toEqual([]);
    const rules = await listRules();
    const total = (field: 'examples' | 'counterexamples') =>
      rules.reduce((sum, rule) => sum + rule[field].length, 0);
    expect(counts).toEqual({
      rules: rules.length,
      examples: total('examples'),
      counterexamples: total('counterexamples'),
    });
    // Rows of names and services have none.
    const ownForm = rules.filter(({ detector }) => detector !== 'value');
    expect(counts.examples).toBeGreaterThan(ownForm.length);
  });

  test('a problem names the line of the example, or of the empty field', async () => {
    await withTempDir(async (folder) => {
      const rules = [
        '- name: Acme token',
        '  id: acme-token',
        '  kind: token',
        '  severity: high',
        '  impact: acts as its user',
        '  rotate: revoke it',
        '  anchors: [acme_]',
        '  window: {before: 0, after: 20}',
        "  pattern: '(?P<secret>acme_[a-z]{8})'",
        '  counterexamples: []',
        '  examples:',
        '    - ["acme_", "qzwvrtkp"]',
        '    - ["acme_",',
        '       "abc"]',
        '    - ["acme_", "123"]',
      ];
      writeFileSync(join(folder, 'a.yaml'), `${rules.join('\n')}\n`);
      const { problems } = await checkRules({ ruleFolders: [folder], only: ['acme-token'] });
      expect(problems.map(({ source, field, index }) => [source.split(':')[1], field, index])).toEqual([
        ['13', 'examples', 1],
        ['15', 'examples', 2],
        ['10', 'counterexamples', undefined],
      ]);
      writeFileSync(join(folder, 'b.yaml'), `\n\n${rules.join('\n')}\n`);
      await expect(checkRules({ ruleFolders: [folder] })).rejects.toThrow(
        /b\.yaml:4: rule "acme-token", field "id": taken by .*a\.yaml:2$/,
      );
    });
  });

  test('the example of docs/rules.md passes', async () => {
    const [, example = ''] =
      /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(asset('docs/rules.md'), 'utf8')) ?? [];
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'acme.yaml'), example);
      expect(await checkRules({ ruleFolders: [folder], only: ['acme-token'] })).toEqual({
        rules: 1,
        examples: 1,
        counterexamples: 1,
        problems: [],
      });
    });
  });

  test('checks a selection of rules', async () => {
    expect(await checkRules({ only: ['private-key-jwk'] })).toMatchObject({ rules: 1, problems: [] });
  });
});
