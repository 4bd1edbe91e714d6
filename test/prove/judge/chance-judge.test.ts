import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { EvidenceNear } from '../../../src/detect/chance/evidence-near.js';
import { oddsOf } from '../../../src/detect/chance/rule-odds.js';
import type { ValueCount } from '../../../src/detect/chance/value-census.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { createView } from '../../../src/formats/memory/view.js';
import { rawDump } from '../../../src/formats/others/raw/raw.js';
import { ChanceJudge } from '../../../src/prove/judge/chance-judge.js';
import type { Settled } from '../../../src/prove/judge/key-judge.js';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import type { Rule } from '../../../src/rules/types.js';

const builtin = loadBuiltin();
const ruleOf = (id: string): Rule => builtin.find((rule) => rule.id === id)!;
const YANDEX = ruleOf('yandex-static-secret');
const REPLICATE = ruleOf('replicate-token');
const view = createView(bufferReader(Buffer.alloc(64)), rawDump());

function match(rule: Rule, value: string, more: Partial<SecretCandidate> = {}): Settled {
  const candidate: SecretCandidate = {
    type: 'candidate',
    ...{ rule, offset: 0, length: value.length, extents: [], notAdjacentInMemory: false, partial: false },
    ...{
      secret: new Secret(Buffer.from(value)),
      confidence: 'medium',
      evidence: [],
      notes: [],
      preview: '…',
    },
    ...more,
  };
  return { candidate, verdict: {} };
}

const judgeWith = (evidence: boolean, rules: readonly Rule[] = []): ChanceJudge =>
  new ChanceJudge(() => ({ has: () => evidence }) as unknown as EvidenceNear, rules);

/** As many values of 40 characters of base64url as make a rule expect `expected` matches. */
function valuesFor(rule: Rule, expected: number): ValueCount[] {
  const [length, kinds] = [40, 0xbf];
  const each = oddsOf(rule).expectedIn([{ length, kinds, count: 1 }]).expected;
  return [{ length, kinds, count: expected / each }];
}

/** Rules of the matches that are explained by chance. */
function explained(
  matches: readonly Settled[],
  values: readonly ValueCount[],
  rules: readonly Rule[] = [],
): string[] {
  const judge = judgeWith(false, rules);
  for (const each of matches) expect(judge.keeps(each, view)).toBe(true);
  const settled = [...atOnce(judge.settle(() => values))];
  expect(settled.length).toBe(matches.length);
  return settled.flatMap(({ candidate }) => (candidate.isSecret ? [candidate.rule.id] : []));
}

const many = (rule: Rule, count: number): Settled[] =>
  Array.from({ length: count }, (_, i) => match(rule, `value ${i}`));

describe('chance explains', () => {
  test.each([
    ['one match that it has in one of 21 artifacts', 1, 0.048, false],
    ['one match that it has in one of 19 artifacts', 1, 0.055, true],
    ['two matches, of 0.14 on average', 2, 0.14, false],
    ['two matches, of 0.2 on average, where chance has more than a few', 2, 0.2, true],
    ['three matches, of 0.2 on average', 3, 0.2, false],
    ['two matches, of 0.5 on average', 2, 0.5, true],
    ['33 matches of 31', 33, 31, true],
    ['45 matches of 31', 45, 31, true],
    ['60 matches of 31', 60, 31, false],
    ['three matches of 31', 3, 31, true],
  ])('%s: %d of %d, %p', (_, found, expected, wanted) => {
    const matches = many(YANDEX, found);
    expect(explained(matches, valuesFor(YANDEX, expected)).length).toBe(wanted ? found : 0);
  });

  test('copies of one value as one match', () => {
    const copies = Array.from({ length: 5 }, () => match(YANDEX, 'the same'));
    expect(explained(copies, valuesFor(YANDEX, 0.1)).length).toBe(5);
  });

  test('an unlikely match where chance has many, by all rules together', () => {
    const values = valuesFor(YANDEX, 100);
    const { expected } = oddsOf(REPLICATE).expectedIn(values);
    const rare = [{ ...values[0]!, count: (values[0]!.count * 0.02) / expected }];
    expect(explained([match(REPLICATE, 'one')], rare)).toEqual([]);
    expect(explained([...many(YANDEX, 1), match(REPLICATE, 'one')], rare)).toEqual([YANDEX.id]);
    const dense = [...many(YANDEX, 100), ...many(REPLICATE, 40)];
    expect(explained(dense, values)).toContain(REPLICATE.id);
  });

  test('an unlikely match where chance has many by rules that have none here', () => {
    const rare = ruleOf('netlify-token');
    const values = valuesFor(rare, 0.04);
    expect(explained([match(rare, 'one')], values)).toEqual([]);
    expect(explained([match(rare, 'one')], values, [rare])).toEqual([]);
    expect(explained([match(rare, 'one')], values, builtin)).toEqual([rare.id]);
  });

  test('an unlikely match of any rule in 99 of 100 artifacts of 200,000 values', () => {
    // With 0.05 divided by the expected matches it was one of three.
    const values = [{ length: 44, kinds: 0xbf, count: 200_000 }];
    const weak = builtin.filter((rule) => rule.detector === 'text' && oddsOf(rule).isWeak);
    const wrong = weak.filter((rule) => explained([match(rule, 'one')], values, builtin).length === 0);
    const sum = wrong.reduce((total, rule) => total + oddsOf(rule).expectedIn(values).expected, 0);
    expect(sum).toBeLessThanOrEqual(0.01);
    expect(wrong.length).toBeGreaterThan(50);
    expect(wrong).not.toContain(ruleOf('mem0-key'));
  });

  test('none of one match among 2,400 ids', () => {
    for (const rule of [YANDEX, REPLICATE, ruleOf('mem0-key')])
      expect(explained([match(rule, 'one')], [{ length: 40, kinds: 0xbf, count: 2_400 }], builtin)).toEqual(
        [],
      );
  });

  test('nothing where there are no values', () => {
    expect(explained(many(YANDEX, 1), [])).toEqual([]);
  });
});

describe('what is not judged by chance', () => {
  test.each<[string, Settled]>([
    [
      'a match with a checksum',
      match(YANDEX, 'x', { confidence: 'high', evidence: ['CRC-32 checksum matches'] }),
    ],
    [
      'a match of low confidence',
      match(YANDEX, 'x', { confidence: 'low', notes: ['looks like a placeholder'] }),
    ],
    ['a match of a strong pattern', match(ruleOf('databricks-token'), 'x')],
    ['a match of another detector', match({ ...YANDEX, detector: 'value' }, 'x')],
    ['a key that verifies a token', { ...match(YANDEX, 'x'), verdict: { verifiesToken: true } }],
  ])('%s', (_, settled) => {
    expect(judgeWith(false).keeps(settled, view)).toBe(false);
  });

  test('a match with evidence beside it', () => {
    expect(judgeWith(true).keeps(match(YANDEX, 'x'), view)).toBe(false);
  });
});

test.each([
  ['high', 'low'],
  ['low', 'low'],
  ['info', 'info'],
] as const)('severity %s becomes %s, with the number of matches to expect', (severity, wanted) => {
  const judge = judgeWith(false);
  judge.keeps(match({ ...YANDEX, severity }, 'x'), view);
  const [settled] = [...atOnce(judge.settle(() => valuesFor(YANDEX, 31)))];
  expect(settled!.candidate).toMatchObject({
    severity: wanted,
    confidence: 'low',
    notes: [
      expect.stringMatching(/^chance explains it: .* have 31 matches on average, and this is the only one$/),
    ],
  });
  expect([...judge.settle(() => [])]).toEqual([]);
});
