import { describe, expect, test } from '@jest/globals';
import { checkRules, listRules } from '../src/check.js';

describe('the built-in rules through kernel and detector', () => {
  test('find all of their examples and none of their counterexamples', async () => {
    const { problems, ...counts } = await checkRules();
    expect(problems).toEqual([]);
    const rules = await listRules();
    const told = (field: 'examples' | 'counterexamples') =>
      rules.reduce((sum, rule) => sum + rule[field].length, 0);
    expect(counts).toEqual({
      rules: rules.length,
      examples: told('examples'),
      counterexamples: told('counterexamples'),
    });
    expect(counts.examples).toBeGreaterThan(rules.length);
  });

  test('a choice of rules is checked by itself', async () => {
    expect(await checkRules({ only: ['private-key-jwk'] })).toMatchObject({ rules: 1, problems: [] });
  });
});
