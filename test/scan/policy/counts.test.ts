import { describe, expect, test } from '@jest/globals';
import {
  CONFIDENCES,
  KINDS,
  type NotCounted,
  SEVERITIES,
  type Severity,
} from '../../../src/core/model/report.js';
import {
  COUNT_DEFAULTS,
  type CountOptions,
  decide,
  type FindingFacts,
  isExpired,
} from '../../../src/scan/policy/counts.js';
import fc from '../../support/property.js';

const standing = (over: Partial<FindingFacts> = {}): FindingFacts => ({
  kind: 'token',
  severity: 'high',
  confidence: 'high',
  published: false,
  ephemeral: false,
  inText: false,
  undumped: false,
  expired: false,
  unlikely: false,
  verifiesToken: false,
  ...over,
});

type Row = [string, Partial<FindingFacts>, Partial<CountOptions>, Severity, NotCounted | undefined];

describe('findings that count', () => {
  const rows: Row[] = [
    ['high and high', {}, {}, 'high', undefined],
    ['at both thresholds', { confidence: 'medium' }, {}, 'high', undefined],
    ['severity below', { severity: 'medium' }, {}, 'medium', 'below-threshold'],
    ['confidence below', { confidence: 'low' }, {}, 'high', 'below-threshold'],
    ['lower threshold', { severity: 'low' }, { failOn: 'low' }, 'low', undefined],
    ['lower confidence threshold', { confidence: 'low' }, { minConfidence: 'low' }, 'high', undefined],
    ['only proven ones count', {}, { minConfidence: 'proven' }, 'high', 'below-threshold'],
    ['another kind required', {}, { failOnKind: ['private-key'] }, 'high', 'policy'],
    ['this kind required', {}, { failOnKind: ['private-key', 'token'] }, 'high', undefined],
    ['this kind, severity below', { severity: 'low' }, { failOnKind: ['token'] }, 'low', 'below-threshold'],
    ['published', { published: true, confidence: 'proven' }, {}, 'info', 'published-test-key'],
    ['ephemeral', { ephemeral: true, confidence: 'proven' }, {}, 'info', 'ephemeral'],
    ['a key of a key agreement in text', { severity: 'low', inText: true }, {}, 'high', undefined],
    ['a critical one', { severity: 'critical', inText: true }, {}, 'critical', undefined],
    ['ephemeral, and a target', { ephemeral: true, isTarget: true }, {}, 'info', undefined],
    [
      'published, at the lowest threshold',
      { published: true },
      { failOn: 'info' },
      'info',
      'published-test-key',
    ],
    ['expired', { expired: true }, { failOn: 'info' }, 'info', 'expired'],
    ['allowed', { suppressed: 'allowed' }, {}, 'high', 'allowed'],
    ['baseline', { suppressed: 'baseline' }, {}, 'high', 'baseline'],
    ['expired and in the baseline', { expired: true, suppressed: 'baseline' }, {}, 'info', 'expired'],
    [
      'baseline and another kind',
      { suppressed: 'baseline' },
      { failOnKind: ['credential'] },
      'high',
      'baseline',
    ],
    [
      'target: no threshold applies',
      { isTarget: true, severity: 'low', confidence: 'low' },
      {},
      'low',
      undefined,
    ],
    ['target: any kind', { isTarget: true }, { failOnKind: ['private-key'] }, 'high', undefined],
    ['target: on the allow list', { isTarget: true, suppressed: 'allowed' }, {}, 'high', undefined],
    ['target: a published test key', { isTarget: true, published: true }, {}, 'info', undefined],
    ['only targets count', {}, { onlyTargets: true }, 'high', 'policy'],
    ['only targets count, and it is one', { isTarget: true }, { onlyTargets: true }, 'high', undefined],
    ['verifies a token', { severity: 'low', verifiesToken: true }, {}, 'critical', undefined],
    ['published and verifies a token', { published: true, verifiesToken: true }, {}, 'high', undefined],
  ];
  test.each(rows)('%s', (_, over, options, severity, reason) => {
    const decision = decide(standing(over), { ...COUNT_DEFAULTS, ...options });
    expect(decision).toEqual({
      severity,
      counts: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    });
  });

  test('raising a threshold never makes more count', () => {
    const arbitrary = fc.record({
      kind: fc.constantFrom(...KINDS),
      severity: fc.constantFrom(...SEVERITIES),
      confidence: fc.constantFrom(...CONFIDENCES),
      published: fc.boolean(),
      ephemeral: fc.boolean(),
      inText: fc.boolean(),
      expired: fc.boolean(),
      unlikely: fc.boolean(),
      undumped: fc.boolean(),
      verifiesToken: fc.boolean(),
    });
    fc.assert(
      fc.property(
        arbitrary,
        fc.nat(SEVERITIES.length - 2),
        fc.nat(CONFIDENCES.length - 2),
        (each, severity, confidence) => {
          const at = (s: number, c: number) =>
            decide(each, {
              failOn: SEVERITIES[s] as Severity,
              failOnKind: [],
              minConfidence: CONFIDENCES[c] as (typeof CONFIDENCES)[number],
            }).counts;
          const loose = at(severity, confidence);
          expect(Number(at(severity + 1, confidence))).toBeLessThanOrEqual(Number(loose));
          expect(Number(at(severity, confidence + 1))).toBeLessThanOrEqual(Number(loose));
        },
      ),
    );
  });
});

describe('expired when the dump was written', () => {
  const written = Date.parse('2026-03-01T00:00:00Z');
  test.each([
    ['before', { exp: written / 1000 - 1 }, written, true],
    ['at', { exp: written / 1000 }, written, false],
    ['after', { exp: written / 1000 + 1 }, written, false],
    ['no exp', { iss: 'x' }, written, false],
    ['exp is text', { exp: '1' }, written, false],
    ['no claims', undefined, written, false],
    ['time of the dump is not known', { exp: 1 }, undefined, false],
  ])('%s', (_, claims, at, expired) => {
    expect(isExpired(claims, at)).toBe(expired);
  });
});
