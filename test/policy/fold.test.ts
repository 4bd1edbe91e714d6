import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/base/crypto/secret.js';
import { atOnce, finish } from '../../src/base/runtime/turns.js';
import type { Judged } from '../../src/judge/judged.js';
import type { Finding, Occurrence } from '../../src/model/report.js';
import { COUNT_DEFAULTS } from '../../src/policy/counts.js';
import { Fold } from '../../src/policy/fold.js';
import type { ProofResult } from '../../src/prove/types.js';
import { judged, proven, rule, SPKI, strongText } from '../judge/judged-builder.js';
import fc from '../support/property.js';
import { addJudged } from './add-judged.js';

const WRITTEN = new Date('2026-03-01T00:00:00Z');

function folded(all: readonly Judged[], options: ConstructorParameters<typeof Fold>[0] = {}): Finding[] {
  const fold = new Fold(options);
  for (const artifact of [0, 1, 2]) fold.artifact(artifact, { path: `core.${artifact}`, mtime: WRITTEN });
  for (const each of all) addJudged(fold, each);
  return [...atOnce(fold.findings())];
}

const keyRule = rule({ id: 'rsa-private-key', name: 'RSA private key', kind: 'private-key', signing: true });
const key = (secret: string, over: Partial<Judged['candidate']> = {}, more: Partial<Judged> = {}): Judged =>
  judged(secret, { rule: keyRule, preview: '', ...over }, { proof: proven(), ...more });

describe('one finding for each secret', () => {
  test('a key as PEM, DER and JWK is one finding with three places', () => {
    const forms = ['pem', 'pkcs8', 'jwk'].map((encoding, i) =>
      key(`form ${encoding}`, { encoding, offset: i * 1000, length: 100 }),
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
    const all = [key('whole', { offset: 0 }), key('cut', { offset: 900, partial: true }, { proof: cut })];
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
    const forged: Judged = key(
      'forged',
      { material: { type: 'rsa', d } },
      { proof: { status: 'contradicted', why: 'n is not p*q', facts: { algorithm: 'RSA', bits: 2048 } } },
    );
    const findings = folded([key('true', { offset: 5000 }), forged]);
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
    const inner = key('pkcs1', { encoding: 'pkcs1', offset: 126, length: 1192 });
    const outer = key('pkcs8', { encoding: 'pkcs8', offset: 100, length: 1218 });
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
    const id = addJudged(fold, key('der', { offset: 0, length: 1000 })) as string;
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
      key('a', { offset: 9 }, { certificates: [certificate(7, 'CN=b'), certificate(3, 'CN=a')] }),
      key(
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

describe('findings that do not count', () => {
  test('published test keys', () => {
    const [finding] = folded([key('rfc', {}, { proof: proven({ published: 'RFC 9500, 2.1' }) })]);
    expect(finding).toMatchObject({
      severity: 'info',
      counts: false,
      reason: 'published-test-key',
      notes: ['published test key: RFC 9500, 2.1'],
    });
  });

  test('a published test key without its public half', () => {
    const pending = {
      canonicalSpki: new Uint8Array(0),
      components: [],
      statement: 'd*G = Q',
      published: 'RFC 8032, 7.1',
    };
    const proof = { status: 'unproven', why: 'no public half', pending } as const;
    expect(folded([key('rfc', {}, { proof })])[0]).toMatchObject({
      severity: 'info',
      counts: false,
      reason: 'published-test-key',
      notes: ['no public half', 'published test key: RFC 8032, 7.1'],
    });
  });

  test('a token that had expired in every dump that holds it', () => {
    const exp = WRITTEN.getTime() / 1000 - 60;
    const old = judged(strongText(3), { claims: { exp } });
    expect(folded([old])[0]).toMatchObject({ severity: 'info', counts: false, reason: 'expired' });

    const fold = new Fold();
    fold.artifact(0, { path: 'new', mtime: WRITTEN });
    fold.artifact(1, { path: 'old', mtime: new Date(WRITTEN.getTime() - 3_600_000) });
    addJudged(fold, old);
    expect(finish(fold.countsIn(0))).toBe(false);
    addJudged(fold, { ...old, artifact: 1 });
    expect(finish(fold.countsIn(0))).toBe(true);
  });

  test('secrets in the baseline or on the allow list', () => {
    const findings = folded([judged(strongText(4)), judged(strongText(5), { offset: 100 })], {
      suppression: (fingerprint) =>
        fingerprint === folded([judged(strongText(5))])[0]?.fingerprint ? 'baseline' : undefined,
    });
    expect(findings.map((f) => f.reason)).toEqual([undefined, 'baseline']);
  });
});

describe('a target', () => {
  const secret = judged(strongText(31), { confidence: 'low', offset: 640 });
  const id = (fold: Fold) => addJudged(fold, secret)!;

  test('counts below every threshold and on every list; its places are given by artifact', () => {
    const fold = new Fold({
      isTarget: (_, { candidate }) => candidate.secret === secret.candidate.secret,
      suppression: () => 'allowed',
    });
    for (const artifact of [0, 1, 2]) fold.artifact(artifact, { path: `core.${artifact}` });
    addJudged(fold, judged(strongText(32)));
    const found = id(fold);
    addJudged(fold, { ...secret, artifact: 2 });
    expect([0, 1, 2].map((artifact) => finish(fold.countsIn(artifact)))).toEqual([true, false, true]);
    expect([...atOnce(fold.findings())].map(({ counts, reason }) => [counts, reason])).toEqual([
      [true, undefined],
      [false, 'allowed'],
    ]);
    const places = [0, 1, 2].map((artifact) => fold.placesOf(found, artifact)?.map(({ offset }) => offset));
    expect(places).toEqual([[640], undefined, [640]]);
  });

  test('is listed in a flood, and so are its copies', () => {
    const fold = new Fold({ findings: 1, isTarget: (_, { candidate }) => candidate.offset === 640 });
    fold.artifact(0, { path: 'flood' });
    for (const seed of [33, 34]) addJudged(fold, judged(strongText(seed)));
    const found = id(fold);
    expect(fold.has(found)).toBe(true);
    fold.copy(found, { artifact: 0, offset: 2_000, length: 40, region: { kind: 'stack' } });
    expect(fold.placesOf(found, 0)).toHaveLength(2);
    expect([...atOnce(fold.findings())]).toHaveLength(2);
  });

  test('other findings have no places', () => {
    const fold = new Fold();
    fold.artifact(0, { path: 'core' });
    expect(fold.placesOf(id(fold), 0)).toBeUndefined();
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

test('a token valid today is not expired in a dump with a time in the future', () => {
  const token = strongText(4);
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  const decided = (mtime: Date) => {
    const fold = new Fold();
    fold.artifact(0, { path: 'core', mtime });
    addJudged(fold, judged(token, { claims: { exp } }));
    return [...atOnce(fold.findings())].map(({ counts, reason }) => [counts, reason]);
  };
  expect(decided(new Date('2199-01-01'))).toEqual([[true, undefined]]);
  expect(decided(new Date(0))).toEqual([[true, undefined]]);
});

test.each([
  [0, 1],
  [1, 0],
])('the owner of a password does not hide that its token has expired: order %d, %d', (...order) => {
  const token = strongText(5);
  const all = [{ user: 'app', host: 'db.example' }, { exp: WRITTEN.getTime() / 1000 - 1 }];
  const fold = new Fold();
  fold.artifact(0, { path: 'core', mtime: WRITTEN });
  for (const [i, at] of order.entries())
    addJudged(fold, judged(token, { claims: all[at]!, offset: i * 100 }));
  expect([...atOnce(fold.findings())].map(({ reason }) => reason)).toEqual(['expired']);
});
