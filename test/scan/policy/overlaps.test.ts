import { describe, expect, test } from '@jest/globals';
import { atOnce, finish } from '../../../src/core/base/runtime/turns.js';
import type { Finding } from '../../../src/core/model/report.js';
import type { Judged } from '../../../src/prove/judge/judged.js';
import type { Rule } from '../../../src/rules/types.js';
import { COUNT_DEFAULTS } from '../../../src/scan/policy/counts.js';
import { Fold, type FoldOptions } from '../../../src/scan/policy/fold.js';
import { judged, proven, rule, strongText } from '../../prove/judge/judged-builder.js';
import fc from '../../support/property.js';
import { addJudged } from './add-judged.js';

const named = (words: string, over: Partial<Rule> = {}): Rule =>
  rule({
    id: `named-secret:${words.replaceAll(' ', '-')}`,
    detector: 'value',
    value: { type: 'name', words: words.split(' '), at: 'end', not: [] },
    ...over,
  });
const service = (name: string, over: Partial<Rule> = {}): Rule =>
  rule({
    id: `service:${name}`,
    detector: 'value',
    value: { type: 'service', names: [[name]], forms: [] },
    ...over,
  });

const url = rule({ id: 'url-password', kind: 'credential', boundary: 'none' });
const header = rule({ id: 'bearer-token', generic: true });
const form = rule({ id: 'acme-token', severity: 'medium' });
const checked = rule({ id: 'acme-checked', severity: 'medium', checks: ['github-crc32'] });
const key = rule({ id: 'private-key-pem', kind: 'private-key', detector: 'pem' });

/** A secret at [from, to) of the artifact. */
function at(
  by: Rule,
  [from, to]: [number, number],
  over: Partial<Judged['candidate']> = {},
  more: Partial<Judged> = {},
): Judged {
  const confidence = over.confidence ?? 'medium';
  return judged(
    strongText(from * 1_000 + to),
    { rule: by, offset: from, length: to - from, confidence, ...over },
    more,
  );
}

function folded(all: readonly Judged[], options: FoldOptions = {}): Finding[] {
  const fold = new Fold(options);
  for (const artifact of [0, 1]) fold.artifact(artifact, { path: `core.${artifact}` });
  for (const each of all) addJudged(fold, each);
  const findings = [...atOnce(fold.findings())];
  for (const artifact of [0, 1])
    expect([artifact, finish(fold.countsIn(artifact))]).toEqual([
      artifact,
      findings.some(({ counts, occurrences }) => counts && occurrences.some((o) => o.artifact === artifact)),
    ]);
  return findings;
}

const fingerprint = (one: Judged): string | null | undefined => folded([one])[0]?.fingerprint;

const brief = (findings: readonly Finding[]): string[] =>
  findings.map(
    ({ ruleId, alsoMatched, severity, confidence, occurrences }) =>
      `${[ruleId, ...alsoMatched].join(' ')}: ${severity} ${confidence} ` +
      occurrences.map(({ offset, length }) => `${offset}-${offset + length}`).join(),
  );

/** The findings, which do not depend on the order of candidates. */
function inAnyOrder(all: readonly Judged[], options: FoldOptions = {}): Finding[] {
  const findings = folded(all, options);
  expect(folded([...all].reverse(), options)).toEqual(findings);
  return findings;
}

describe('findings whose places overlap become one', () => {
  test.each<[string, Judged[], string[]]>([
    [
      'a token in a URL in an environment variable',
      [at(form, [40, 80]), at(url, [30, 84]), at(named('api key'), [20, 90])],
      ['acme-token named-secret:api-key url-password: high medium 40-80'],
    ],
    [
      'a checksum before a form, a form before a service, a service before a name',
      [
        at(checked, [10, 50], { confidence: 'high' }),
        at(form, [5, 50]),
        at(service('acme', { severity: 'medium' }), [0, 50]),
        at(named('secret', { severity: 'medium' }), [0, 60]),
      ],
      ['acme-checked acme-token named-secret:secret service:acme: medium high 10-50'],
    ],
    [
      'more words before fewer, and a name before a header',
      [at(named('secret key'), [10, 50]), at(named('secret'), [8, 50]), at(header, [0, 50])],
      ['named-secret:secret-key bearer-token named-secret:secret: high medium 10-50'],
    ],
    [
      'at equal rank a signing rule',
      [
        at(service('signer', { signing: true, severity: 'low' }), [10, 50]),
        at(service('other', { severity: 'low' }), [8, 60]),
      ],
      ['service:signer service:other: low medium 10-50'],
    ],
    [
      'at equal rank the stronger, then the longer',
      [
        at(rule({ id: 'long' }), [0, 50]),
        at(rule({ id: 'short' }), [0, 40]),
        at(rule({ id: 'critical', severity: 'critical' }), [20, 40]),
        at(rule({ id: 'long' }), [100, 150]),
        at(rule({ id: 'short' }), [100, 140]),
      ],
      ['critical long short: critical medium 20-40', 'long short: high medium 100-150'],
    ],
    [
      'a share of more than half of the shorter',
      [
        at(form, [0, 40]),
        at(named('secret'), [25, 50]),
        at(named('token'), [120, 160]),
        at(form, [100, 140]),
      ],
      [
        'acme-token named-secret:secret: high medium 0-40',
        'named-secret:token: high medium 120-160',
        'acme-token: medium medium 100-140',
      ],
    ],
    [
      'a demoted match never takes a place from one that is not',
      [at(form, [10, 50], { confidence: 'low', severity: 'low' }), at(named('secret'), [0, 50])],
      ['named-secret:secret acme-token: high medium 0-50'],
    ],
    [
      'what is known to be harmless stays harmless in a variable of a secret',
      [at(rule({ id: 'publishable-key', severity: 'info' }), [10, 50]), at(named('api key'), [0, 50])],
      ['publishable-key named-secret:api-key: info medium 10-50'],
    ],
    [
      'a finding keeps the places that are its own',
      [
        at(form, [10, 50]),
        at(named('secret'), [0, 60], { secret: judged('s3cret').candidate.secret }),
        at(named('secret'), [500, 560], { secret: judged('s3cret').candidate.secret }),
      ],
      ['acme-token named-secret:secret: high medium 10-50', 'named-secret:secret: high medium 500-560'],
    ],
    [
      'the loser of a loser keeps its place',
      [at(checked, [0, 40]), at(form, [15, 60]), at(named('secret'), [45, 85])],
      ['named-secret:secret: high medium 45-85', 'acme-checked acme-token: medium medium 0-40'],
    ],
  ])('%s', (_, all, expected) => {
    expect(brief(inAnyOrder(all))).toEqual(expected);
  });

  test('a key and the document that holds it stay two findings; a name of a part of the key does not', () => {
    const pem = at(key, [100, 1800], { preview: '' }, { proof: proven() });
    const file = at(rule({ id: 'service-account', severity: 'medium' }), [0, 2400]);
    const line = at(named('private key'), [128, 192]);
    expect(brief(inAnyOrder([pem, file, line]))).toEqual([
      'private-key-pem named-secret:private-key: high proven 100-1800',
      'service-account: medium medium 0-2400',
    ]);
  });

  test('a key written as text takes the name of its text', () => {
    const seed = at(key, [100, 164], { component: 'seed', encoding: 'hex', confidence: 'high' });
    expect(brief(inAnyOrder([seed, at(named('private key'), [100, 164])]))).toEqual([
      'private-key-pem named-secret:private-key: high high 100-164',
    ]);
  });

  test('what is harmless or known takes only what it is the most of', () => {
    const id = rule({ id: 'key-id', severity: 'low' });
    const wide = at(url, [0, 60]);
    expect(brief(inAnyOrder([at(id, [0, 20]), wide]))).toEqual([
      'url-password: high medium 0-60',
      'key-id: low medium 0-20',
    ]);
    expect(inAnyOrder([at(id, [0, 40]), wide])).toHaveLength(1);
    const part = at(form, [0, 20]);
    expect(inAnyOrder([part, wide])).toHaveLength(1);
    const suppression = () => 'baseline' as const;
    expect(
      inAnyOrder([part, wide], { suppression: (f) => (f === fingerprint(part) ? suppression() : undefined) }),
    ).toMatchObject([
      { ruleId: 'url-password', counts: true },
      { ruleId: 'acme-token', counts: false },
    ]);
  });

  test('places of other artifacts do not overlap', () => {
    const all = [at(form, [10, 50]), at(named('secret'), [0, 60], {}, { artifact: 1 })];
    expect(inAnyOrder(all)).toHaveLength(2);
  });

  test('a target keeps its place', () => {
    const all = [at(form, [10, 50]), at(named('secret'), [0, 60])];
    const isTarget: FoldOptions['isTarget'] = (_, { candidate }) => candidate.rule !== form;
    expect(
      inAnyOrder(all, { isTarget })
        .map(({ ruleId }) => ruleId)
        .sort(),
    ).toEqual(['acme-token', 'named-secret:secret']);
  });

  test('a rule under which a finding counts leads', () => {
    const counts = { ...COUNT_DEFAULTS, failOnKind: ['credential' as const] };
    const [finding, ...rest] = inAnyOrder([at(form, [40, 80]), at(url, [30, 84])], { counts });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ ruleId: 'url-password', counts: true, alsoMatched: ['acme-token'] });
  });
});

test('of rules for one secret the most specific leads, with the severity that its name says', () => {
  const secret = judged(strongText(7)).candidate.secret;
  const all = [
    at(named('jwt secret', { signing: true }), [0, 40], { secret }),
    at(service('acme', { severity: 'medium', name: 'Acme API key' }), [0, 40], { secret }),
  ];
  expect(inAnyOrder(all)).toMatchObject([
    { ruleId: 'service:acme', title: 'Acme API key', severity: 'high', signing: true, counts: true },
  ]);
});

describe('any order of candidates gives the same findings', () => {
  const rules = [url, header, named('secret'), named('api key'), service('acme'), form, checked];
  const arbitrary = fc.record({
    by: fc.constantFrom(...rules),
    from: fc.integer({ min: 0, max: 120 }),
    length: fc.integer({ min: 8, max: 40 }),
    confidence: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
  });
  const rankOf = (ruleId: string): number => rules.findIndex(({ id }) => id === ruleId);

  test('each place belongs to one finding, and what it takes is reported with it', () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { minLength: 1, maxLength: 12 }), (rows) => {
        const all = rows.map(({ by, from, length, confidence }) =>
          at(by, [from, from + length], { confidence }),
        );
        const findings = inAnyOrder(all);
        const spans = findings.flatMap(({ occurrences }) =>
          occurrences.map((o) => [o.offset, o.offset + o.length]),
        );
        for (const [i, [a, b]] of spans.entries())
          for (const [c, d] of spans.slice(i + 1))
            expect(2 * (Math.min(b!, d!) - Math.max(a!, c!))).toBeLessThanOrEqual(Math.min(b! - a!, d! - c!));
        const shown = new Set(findings.flatMap(({ ruleId, alsoMatched }) => [ruleId, ...alsoMatched]));
        for (const { by } of rows) expect(shown).toContain(by.id);
        const best = Math.max(...rows.filter((r) => r.confidence !== 'low').map(({ by }) => rankOf(by.id)));
        if (best >= 0) expect(findings.some(({ ruleId }) => rankOf(ruleId) === best)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

test('a crowd of places that all touch each other is left as it is', () => {
  const all = Array.from({ length: 2_000 }, (_, i) => at(rule({ id: 'crowd' }), [i * 4, i * 4 + 40]));
  expect(folded(all)).toHaveLength(2_000);
});
