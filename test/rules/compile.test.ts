import { describe, expect, test } from '@jest/globals';
import { closest, editDistance } from '../../src/core/base/text/suggest.js';
import { checkRules } from '../../src/rules/check.js';
import { compileRules } from '../../src/rules/compile.js';
import { type BundledRule, hydrate } from '../../src/rules/hydrate.js';
import { selectRules } from '../../src/rules/select.js';
import type { Rule } from '../../src/rules/types.js';
import fc from '../support/property.js';

const rule = (id: string, change: Partial<BundledRule> = {}): Rule =>
  hydrate({
    id,
    name: id,
    kind: 'token',
    severity: 'high',
    signing: false,
    optIn: false,
    impact: 'x',
    rotate: 'y',
    anchors: ['abcd_'],
    caseless: false,
    window: { before: 0, after: 10 },
    detector: 'text',
    pattern: '(?P<secret>abcd_[0-9]{5})',
    encodings: ['utf8', 'utf16le', 'utf16be'],
    boundary: 'token',
    checks: [],
    references: [],
    examples: [['abcd_', '12345']],
    counterexamples: [['abcd_']],
    source: 'r/a.yaml:1',
    ...change,
  });

const spelt = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('compileRules', () => {
  test('has each distinct literal once, with all of its rules', () => {
    const set = compileRules([
      rule('one'),
      rule('two', { anchors: ['abcd_', { hex: '02 01 00' }], encodings: ['utf8'] }),
      rule('three', { anchors: ['ABCD_'], caseless: true }),
      rule('four', { anchors: [], near: { anchors: ['name', 'abcd_'], within: 50 } }),
    ]);
    expect(set.literals.map(({ bytes, ...rest }) => ({ text: spelt(bytes), ...rest }))).toEqual([
      { text: 'abcd_', caseless: false, wide: true, rules: [0, 1, 3] },
      { text: '\x02\x01\x00', caseless: false, wide: false, rules: [1] },
      { text: 'abcd_', caseless: true, wide: true, rules: [2] },
      { text: 'name', caseless: false, wide: true, rules: [3] },
    ]);
  });

  test('has a digest of the rules without their sources', () => {
    const digest = (change: Partial<BundledRule>) => compileRules([rule('one', change)]).sha256;
    expect(digest({})).toMatch(/^[0-9a-f]{64}$/);
    expect(digest({ source: 'elsewhere.yaml:99' })).toBe(digest({}));
    for (const change of [
      { severity: 'low' },
      { anchors: ['abce_'] },
      { entropy: 3 },
    ] as Partial<BundledRule>[])
      expect(digest(change)).not.toBe(digest({}));
  });

  test('rejects a duplicate id, with both places', () => {
    expect(() => compileRules([rule('one'), rule('one', { source: 'r/b.yaml:7' })])).toThrow(
      'r/b.yaml:7: rule "one", field "id": taken by r/a.yaml:1',
    );
  });
});

describe('selectRules', () => {
  const rules = [
    rule('github-token'),
    rule('aws-key', { signing: true }),
    rule('jwt'),
    rule('aes', { optIn: true }),
  ];
  const ids = (selection: Parameters<typeof selectRules>[1]) =>
    selectRules(rules, selection).map(({ id }) => id);

  test.each([
    [{}, ['github-token', 'aws-key', 'jwt']],
    [{ only: ['jwt', 'github-token'] }, ['github-token', 'jwt']],
    [{ skip: ['jwt'] }, ['github-token', 'aws-key']],
    [{ onlySigning: true }, ['aws-key']],
    [{ with: ['aes'] }, ['github-token', 'aws-key', 'jwt', 'aes']],
    [{ with: 'all' as const }, ['github-token', 'aws-key', 'jwt', 'aes']],
    [{ only: ['aes'] }, ['aes']],
    [{ only: ['jwt'], with: ['aes'] }, ['jwt', 'aes']],
    [{ with: ['aes'], skip: ['aes', 'jwt'] }, ['github-token', 'aws-key']],
    [{ only: ['jwt', 'aws-key'], skip: ['jwt'] }, ['aws-key']],
  ])('%j selects %j', (selection, expected) => {
    expect(ids(selection)).toEqual(expected);
  });

  test('an unknown id is an error, with a suggestion if one is close', () => {
    expect(() => ids({ only: ['github-tokn'] })).toThrow(
      expect.objectContaining({ code: 'unknown-rule', exit: 3, hint: 'did you mean github-token?' }),
    );
    expect(() => ids({ skip: ['zzz'] })).toThrow(
      expect.objectContaining({ hint: '`dumpsieve rules list` shows all ids' }),
    );
  });

  test('an empty selection is an error', () => {
    expect(() => ids({ only: ['jwt'], onlySigning: true })).toThrow(
      expect.objectContaining({ code: 'no-rules' }),
    );
  });
});

describe('suggestions', () => {
  test('edit distance equals the recursive definition', () => {
    const naive = (a: string, b: string): number =>
      a === '' || b === ''
        ? a.length + b.length
        : Math.min(
            naive(a.slice(1), b) + 1,
            naive(a, b.slice(1)) + 1,
            naive(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
          );
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === naive(a, b)));
  });

  test('the closest name is close, or contains the input', () => {
    expect(closest('severty', ['severity', 'signing'])).toBe('severity');
    expect(closest('slack', ['slack-webhook-url'])).toBe('slack-webhook-url');
    expect(closest('wholly-other', ['severity'])).toBeUndefined();
  });
});

describe('checkRules', () => {
  const scanOf = (confidence?: 'low' | 'medium') => async (bytes: Uint8Array) =>
    spelt(bytes).includes('12345')
      ? [{ ruleId: 'one', offset: 0, length: 10, ...(confidence === undefined ? {} : { confidence }) }]
      : [];

  test('passes if examples are found and counterexamples are not', async () => {
    expect(await checkRules([rule('one')], scanOf())).toEqual({
      rules: 1,
      examples: 1,
      counterexamples: 1,
      problems: [],
    });
  });

  test('a demoted match fails an example and passes a counterexample', async () => {
    expect((await checkRules([rule('one')], scanOf('low'))).problems).toEqual([
      {
        ruleId: 'one',
        source: 'r/a.yaml:1',
        field: 'examples',
        index: 0,
        message: 'examples[0] is not found by its rule',
      },
    ]);
    const swapped = rule('one', { examples: [['12345']], counterexamples: [['123', '45']] });
    expect((await checkRules([swapped], scanOf('medium'))).problems).toMatchObject([
      { field: 'counterexamples', index: 0 },
    ]);
  });

  test('a rule without examples fails', async () => {
    const bare = rule('one', { examples: [], counterexamples: [] });
    const { problems } = await checkRules([bare], scanOf());
    expect(problems.map(({ field }) => field)).toEqual(['examples', 'counterexamples']);
    for (const { field, message } of problems) expect(message).toContain(`${field}: the rule has none`);
  });
});
