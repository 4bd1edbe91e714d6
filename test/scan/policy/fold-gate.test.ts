import { describe, expect, test } from '@jest/globals';
import { atOnce, finish } from '../../../src/core/base/runtime/turns.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { judged, proven, strongText } from '../../prove/judge/judged-builder.js';
import { addJudged } from './add-judged.js';
import { folded, provenKey, WRITTEN } from './folded.js';

describe('findings that pass the gate', () => {
  test('published test keys', () => {
    const [finding] = folded([provenKey('rfc', {}, { proof: proven({ published: 'RFC 9500, 2.1' }) })]);
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
    expect(folded([provenKey('rfc', {}, { proof })])[0]).toMatchObject({
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
