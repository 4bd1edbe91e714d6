import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../../src/core/base/runtime/turns.js';
import type { Occurrence } from '../../../src/core/model/report.js';
import type { Judged } from '../../../src/prove/judge/judged.js';
import type { ProofResult } from '../../../src/prove/types.js';
import { COUNT_DEFAULTS } from '../../../src/scan/policy/counts.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { judged, rule, SPKI, strongText } from '../../prove/judge/judged-builder.js';
import fc from '../../support/property.js';
import { addJudged } from './add-judged.js';
import { folded, provenKey, WRITTEN } from './folded.js';

describe('one finding for each secret', () => {
  test('a key as PEM, DER and JWK is one finding with three places', () => {
    const forms = ['pem', 'pkcs8', 'jwk'].map((encoding, i) =>
      provenKey(`form ${encoding}`, { encoding, offset: i * 1000, length: 100 }),
    );
    const [finding, ...rest] = folded(forms);
    expect(rest).toEqual([]);
    expect(finding?.occurrences.map((o) => o.encoding)).toEqual(['pem', 'pkcs8', 'jwk']);
    expect(finding?.key).toEqual({
      algorithm: 'RSA',
      bits: 2048,
      encoding: 'pem',
      spkiSha256: 'aa'.repeat(32),
    });
    expect(finding?.fingerprint).toBe(`v1:${createHash('sha256').update(SPKI).digest('hex')}`);
    expect(finding?.location).toEqual({ path: 'core.0', offset: 0, length: 100, region: { kind: 'heap' } });
  });

  test('a token in UTF-8 and in UTF-16 is one finding', () => {
    const token = strongText(1);
    const [finding, ...rest] = folded([
      judged(token, { offset: 500, length: 80, wide: 'le' }),
      judged(token, { offset: 10 }, { address: 0x7f00_0000_1000n }),
    ]);
    expect(rest).toEqual([]);
    expect(finding?.occurrences.map((o) => [o.offset, o.address, o.wide])).toEqual([
      [10, '0x7f0000001000', undefined],
      [500, undefined, 'le'],
    ]);
    expect(finding?.location.address).toBe('0x7f0000001000');
  });

  test('a key cut after its public half joins the whole key', () => {
    const cut: ProofResult = {
      status: 'unproven',
      why: 'd is cut off',
      facts: { algorithm: 'RSA', spkiSha256: createHash('sha256').update(SPKI).digest('hex') },
    };
    const all = [
      provenKey('whole', { offset: 0 }),
      provenKey('cut', { offset: 900, partial: true }, { proof: cut }),
    ];
    for (const order of [all, [...all].reverse()]) {
      const [finding, ...rest] = folded(order);
      expect(rest).toEqual([]);
      expect(finding?.confidence).toBe('proven');
      expect(finding?.notes).toEqual([]);
      expect(finding?.occurrences.map((o) => o.partial)).toEqual([undefined, true]);
    }
  });

  test('a key with contradicting parts never joins the true key', () => {
    const d = Secret.text('d');
    const forged: Judged = provenKey(
      'forged',
      { material: { type: 'rsa', d } },
      { proof: { status: 'contradicted', why: 'n is not p*q', facts: { algorithm: 'RSA', bits: 2048 } } },
    );
    const findings = folded([provenKey('true', { offset: 5000 }), forged]);
    expect(findings.map((f) => [f.confidence, f.counts, f.reason, f.notes])).toEqual([
      ['proven', true, undefined, []],
      ['low', false, 'below-threshold', ['n is not p*q']],
    ]);
  });

  test('a rule under which a secret counts leads, even if another one is more confident', () => {
    const token = strongText(3);
    const low = rule({ id: 'low-token', severity: 'low' });
    const critical = rule({ id: 'critical-token', severity: 'critical', impact: 'all of it' });
    const other = rule({ id: 'other-kind', severity: 'medium', kind: 'credential' });
    const all = [
      judged(token, { rule: low, confidence: 'high', claims: { iss: 'someone' } }),
      judged(token, { rule: critical, confidence: 'medium', offset: 500 }),
      judged(token, { rule: critical, confidence: 'low', offset: 900 }),
      judged(token, { rule: other, confidence: 'medium', offset: 1300 }),
    ];
    const leads = (options: ConstructorParameters<typeof Fold>[0]) =>
      [all, [...all].reverse()].map((order) =>
        folded(order, options).map(({ ruleId, counts, severity, alsoMatched }) => [
          ruleId,
          counts,
          severity,
          ...alsoMatched,
        ]),
      );
    const expected: [Partial<typeof COUNT_DEFAULTS>, unknown[]][] = [
      [{}, ['critical-token', true, 'critical', 'low-token', 'other-kind']],
      [{ minConfidence: 'high' }, ['low-token', false, 'low', 'critical-token', 'other-kind']],
      [{ failOn: 'low', minConfidence: 'high' }, ['low-token', true, 'low', 'critical-token', 'other-kind']],
      [
        { failOn: 'medium', failOnKind: ['credential'] },
        ['other-kind', true, 'medium', 'critical-token', 'low-token'],
      ],
    ];
    for (const [counts, row] of expected)
      expect(leads({ counts: { ...COUNT_DEFAULTS, ...counts } })).toEqual([[row], [row]]);
    const [expired] = folded([
      judged(token, { rule: low, confidence: 'high', claims: { exp: WRITTEN.getTime() / 1000 - 1 } }),
      judged(token, { rule: critical, confidence: 'medium', offset: 500 }),
    ]);
    expect(expired).toMatchObject({ counts: false, reason: 'expired' });
  });

  test('all rules that match a secret are listed; the most confident one leads', () => {
    const token = strongText(2);
    const generic = rule({ id: 'generic-token', name: 'Generic token', severity: 'critical' });
    const [finding] = folded([
      judged(token, { rule: generic, confidence: 'low', notes: ['no context'] }),
      judged(token, { evidence: ['CRC-32 checksum matches'] }),
    ]);
    expect(finding).toMatchObject({
      ruleId: 'example-token',
      alsoMatched: ['generic-token'],
      severity: 'high',
      confidence: 'high',
      proof: ['CRC-32 checksum matches'],
      notes: [],
      occurrenceCount: 1,
    });
  });

  test('places inside a place of the same secret are the same place', () => {
    const inner = provenKey('pkcs1', { encoding: 'pkcs1', offset: 126, length: 1192 });
    const outer = provenKey('pkcs8', { encoding: 'pkcs8', offset: 100, length: 1218 });
    for (const order of [
      [inner, outer],
      [outer, inner],
    ]) {
      const [finding] = folded(order);
      expect(finding?.occurrenceCount).toBe(1);
      expect(finding?.key?.encoding).toBe('pkcs8');
      expect(finding?.occurrences[0]?.length).toBe(1218);
    }
  });

  test('a copy joins by id, and a component inside the key is not a new place', () => {
    const fold = new Fold();
    fold.artifact(0, { path: 'core' });
    fold.artifact(1, { path: 'core.2' });
    const id = addJudged(fold, provenKey('der', { offset: 0, length: 1000 })) as string;
    const copy: Occurrence = {
      artifact: 1,
      offset: 70,
      length: 128,
      component: 'p',
      region: { kind: 'heap' },
    };
    expect(fold.copy(id, { ...copy, artifact: 0 })).toBe(false);
    expect(fold.copy(id, copy)).toBe(true);
    expect(fold.copy(id, copy)).toBe(false);
    expect(fold.copy('v1:unknown', copy)).toBe(false);
    expect(finish(fold.countsIn(1))).toBe(true);
    expect([...atOnce(fold.findings())][0]?.occurrences).toHaveLength(2);
  });

  test('certificates are listed once, and a key that verifies a token is critical', () => {
    const certificate = (offset: number, subject: string) => ({
      subject,
      san: [],
      issuer: 'CN=CA',
      serial: '01',
      notAfter: '2030-01-01T00:00:00Z',
      offset,
      ...{ signed: true, form: 'certificate' as const },
    });
    const [finding] = folded([
      provenKey('a', { offset: 9 }, { certificates: [certificate(7, 'CN=b'), certificate(3, 'CN=a')] }),
      provenKey(
        'b',
        { offset: 5000 },
        {
          certificates: [certificate(900, 'CN=a')],
          verifiesToken: true,
          statements: ['verifies the JWT at 0x10'],
        },
      ),
    ]);
    expect(finding?.key?.certificates?.map((c) => [c.subject, c.offset])).toEqual([
      ['CN=a', 3],
      ['CN=b', 7],
    ]);
    expect(finding?.severity).toBe('critical');
    expect(finding?.proof).toEqual(['n = p*q', 'verifies the JWT at 0x10']);
  });
});

describe('any order of candidates gives the same findings', () => {
  const arbitrary = fc.record({
    who: fc.integer({ min: 0, max: 4 }),
    artifact: fc.integer({ min: 0, max: 2 }),
    offset: fc.integer({ min: 0, max: 60 }).map((n) => n * 10),
    length: fc.constantFrom(10, 20, 40),
    confidence: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
    ruleId: fc.constantFrom('rule-a', 'rule-b'),
    note: fc.constantFrom<string[]>([], ['a note'], ['another note']),
    split: fc.boolean(),
  });

  function build(row: typeof arbitrary extends fc.Arbitrary<infer T> ? T : never): Judged {
    const { who, artifact, length, confidence, ruleId, note, split } = row;
    // Different secrets lie apart; of those that overlap one keeps the place (overlaps.test.ts).
    const offset = who * 1_000 + row.offset;
    const extents = split
      ? [
          { offset, length: 5 },
          { offset: 10_000 + who * 1_000, length: length - 5 },
        ]
      : [{ offset, length }];
    return judged(
      strongText(100 + who),
      { offset, length, extents, confidence, notes: note, rule: rule({ id: ruleId }) },
      { artifact },
    );
  }

  /** Quadratic: a place counts unless it is a duplicate or inside another place of the same secret. */
  function places(rows: readonly Judged[]): string[] {
    const all = rows.map(({ artifact, candidate: { offset, length, extents } }) => ({
      artifact,
      from: offset,
      to: offset + length,
      split: extents.length > 1,
      extents,
    }));
    const inside = (a: (typeof all)[number], b: (typeof all)[number]) =>
      a.artifact === b.artifact &&
      a.extents.every((part) =>
        b.extents.some(
          ({ offset, length }) => offset <= part.offset && offset + length >= part.offset + part.length,
        ),
      );
    const same = (a: (typeof all)[number], b: (typeof all)[number]) =>
      a.artifact === b.artifact && a.split === b.split && a.from === b.from && a.to === b.to;
    return all
      .filter((a, i) => !all.some((b, j) => (same(a, b) ? j < i : inside(a, b))))
      .map((a) => `${a.artifact}:${a.from}-${a.to}${a.split}`)
      .sort();
  }

  test('and the naive oracle', () => {
    fc.assert(
      fc.property(
        fc.array(arbitrary, { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        (rows, random) => {
          const all = rows.map(build);
          const shuffled = [...all]
            .map((each) => ({ each, at: random.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ each }) => each);
          const findings = folded(all);
          expect(folded(shuffled)).toEqual(findings);

          const secrets = [...new Set(rows.map((row) => row.who))];
          const oracle = secrets.map((who) => places(all.filter((_, i) => rows[i]?.who === who)));
          const ours = findings.map((f) =>
            f.occurrences
              .map((o) => `${o.artifact}:${o.offset}-${o.offset + o.length}${o.extents !== undefined}`)
              .sort(),
          );
          expect(ours.map(String).sort()).toEqual(oracle.map(String).sort());
          expect(findings.map((f) => f.occurrenceCount)).toEqual(findings.map((f) => f.occurrences.length));
        },
      ),
      { numRuns: 100 },
    );
  });
});
