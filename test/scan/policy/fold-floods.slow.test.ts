import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../../src/core/base/runtime/turns.js';
import type { Extent, Occurrence } from '../../../src/core/model/report.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { Occurrences } from '../../../src/scan/policy/occurrences.js';
import { PlaceBudget } from '../../../src/scan/policy/place-budget.js';
import { judged, strongText } from '../../prove/judge/judged-builder.js';
import { addJudged } from './add-judged.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are still referenced. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('a flood of findings', () => {
  test('200,000 secrets: listed up to the cap, the rest counted by rule, in bounded memory', () => {
    const fold = new Fold({ findings: 20_000 });
    fold.artifact(0, { path: 'flood' });
    const before = heapInUse();
    const token = strongText(7);
    const each = judged(`${token}-000000`);
    for (let i = 0; i < 200_000; i++) {
      const secret = Secret.text(`${token}-${String(i).padStart(6, '0')}`);
      addJudged(fold, { ...each, candidate: { ...each.candidate, secret, offset: i * 64 } });
    }
    expect(heapInUse() - before).toBeLessThan(40 * 2 ** 20);
    expect(fold.limits(0)).toEqual([
      {
        offset: 20_000 * 64,
        length: 179_999 * 64 + 47,
        search: 'findings',
        target: 'blind',
        left: 180_000,
        reason: expect.stringContaining('180000 further matches of rule example-token'),
      },
    ]);
    expect([...atOnce(fold.findings())]).toHaveLength(20_000);
    expect(finish(fold.countsIn(0))).toBe(true);
  });

  test('50,000 places of one secret: 1,000 are listed, all are counted, repeats are not', () => {
    const fold = new Fold();
    fold.artifact(0, { path: 'flood' });
    const first = judged(strongText(8));
    const before = heapInUse();
    for (let i = 0; i < 50_000; i++) {
      const each = { ...first, candidate: { ...first.candidate, offset: i * 64 } };
      addJudged(fold, each);
      addJudged(fold, each);
    }
    expect(heapInUse() - before).toBeLessThan(10 * 2 ** 20);
    const [finding] = [...atOnce(fold.findings())];
    expect(finding?.occurrences).toHaveLength(1_000);
    expect(finding?.occurrences.at(-1)?.offset).toBe(999 * 64);
    expect(finding?.occurrenceCount).toBe(50_000);
  });

  test('whole copies are listed before remnants, whatever their order', () => {
    const place = (i: number, partial: boolean, extents?: Extent[]): Occurrence => ({
      artifact: 0,
      offset: i * 64,
      length: 32,
      region: { kind: 'heap' },
      ...(partial ? { partial } : {}),
      ...(extents ? { extents } : {}),
    });
    const remnants = Array.from({ length: 40 }, (_, i) => place(i, true));
    const whole = [7, 45, 46, 90].map((i) => place(i + 0.5, false));
    const parted = place(99, false, [
      { offset: 6336, length: 16 },
      { offset: 9000, length: 16 },
    ]);
    const all = [...remnants, ...whole, parted];
    const shuffled = [...all].sort((a, b) => ((a.offset * 7919) % 61) - ((b.offset * 7919) % 61));
    for (const order of [all, [...all].reverse(), shuffled]) {
      const places = new Occurrences({ cap: 10, budget: new PlaceBudget(0) });
      for (const each of order) places.add(each, () => false);
      expect(places.list()).toEqual([...whole, parted, ...remnants.slice(0, 5)]);
      expect(places.first()).toBe(whole[0]);
      expect(places.count).toBe(45);
    }
  });

  test.each([
    ['contiguous', () => undefined],
    [
      'in two',
      (offset: number): Extent[] => [
        { offset, length: 16 },
        { offset: offset + 32, length: 16 },
      ],
    ],
  ])('remnants are not listed if whole copies fill the list, in a flood of both: %s', (_, extentsAt) => {
    const places = new Occurrences({ cap: 1_000, budget: new PlaceBudget(0) });
    for (let i = 0; i < 300_000; i++) {
      const extents = extentsAt(i * 64);
      places.add(
        {
          artifact: 0,
          offset: i * 64,
          length: 32,
          region: { kind: 'heap' },
          partial: i < 100_000 || i % 3 === 0,
          ...(extents && { extents }),
        },
        () => false,
      );
    }
    expect(places.list().some(({ partial }) => partial)).toBe(false);
    expect(places.first().offset).toBe(100_000 * 64);
    expect(places.count).toBe(300_000);
  });

  test('a key that counts evicts placeholders', () => {
    const fold = new Fold({ findings: 10 });
    fold.artifact(0, { path: 'flood' });
    for (let i = 0; i < 50; i++)
      addJudged(
        fold,
        judged(`${strongText(9)}${i}`, { offset: i * 64, confidence: 'low', notes: ['placeholder'] }),
      );
    expect(finish(fold.countsIn(0))).toBe(false);
    addJudged(fold, judged(strongText(10), { offset: 5000 }));
    const findings = [...atOnce(fold.findings())];
    expect(findings).toHaveLength(10);
    expect(findings[0]).toMatchObject({ counts: true, location: { offset: 5000 } });
    expect(fold.limits(0)[0]?.reason).toMatch(/^41 /);
  });

  test('an unlisted finding that counts is a cause of exit 1', () => {
    const fold = new Fold({ findings: 1 });
    fold.artifact(0, { path: 'flood' });
    fold.artifact(1, { path: 'second' });
    for (const seed of [11, 12, 13]) addJudged(fold, judged(strongText(seed), { offset: seed * 64 }));
    expect(finish(fold.countsIn(0))).toBe(true);
    expect(finish(fold.countsIn(1))).toBe(false);
  });

  test('guessable secrets beyond the budget have no fingerprint, and the artifact has a limit', () => {
    const fold = new Fold({ slowFingerprints: 1 });
    fold.artifact(0, { path: 'weak' });
    addJudged(fold, judged('hunter2', { offset: 0 }));
    addJudged(fold, judged('hunter2', { offset: 50 }));
    expect(fold.limits(0)).toEqual([]);
    addJudged(fold, judged('hunter3', { offset: 100 }));
    expect([...atOnce(fold.findings())].map((f) => f.fingerprint)).toEqual([
      expect.stringMatching(/^v1:[0-9a-f]{64}$/),
      null,
    ]);
    expect(fold.limits(0)).toEqual([expect.objectContaining({ search: 'fingerprint' })]);
  });

  test('an unregistered artifact is an error of the caller', () => {
    expect(() => addJudged(new Fold(), judged('x'))).toThrow('artifact 0 was not registered');
  });
});
