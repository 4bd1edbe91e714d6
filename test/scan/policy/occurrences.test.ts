import { describe, expect, test } from '@jest/globals';
import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { Occurrence, Region } from '../../../src/core/model/report.js';
import { byPlace } from '../../../src/scan/policy/by-place.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { Occurrences } from '../../../src/scan/policy/occurrences.js';
import { PlaceBudget } from '../../../src/scan/policy/place-budget.js';
import { judged, strongText } from '../../prove/judge/judged-builder.js';
import fc from '../../support/property.js';
import { addJudged } from './add-judged.js';

const heap: Region = { kind: 'heap' };

function listOf(places: readonly Occurrence[], cap: number, budget = new PlaceBudget(1e6)): Occurrence[] {
  const occurrences = new Occurrences({ cap, budget });
  for (const each of places) occurrences.add(each, () => false);
  expect(occurrences.count).toBe(places.length);
  const list = occurrences.list();
  expect(occurrences.first()).toBe(list[0]);
  return list;
}

describe('the useful place first', () => {
  const at = (offset: number, over: Partial<Occurrence> = {}): Occurrence => ({
    artifact: 0,
    offset: offset * 100,
    length: 50,
    region: heap,
    ...over,
  });
  const number = { component: 'd', encoding: 'limbs-le' };

  test.each<[string, Partial<Occurrence>, Partial<Occurrence>]>([
    ['a whole encoding before a number', { encoding: 'pem' }, number],
    ['a number before a part', number, { encoding: 'pem', partial: true }],
    ['a token before its part', {}, { partial: true }],
    [
      'a whole encoding anywhere before a number with an owner',
      { encoding: 'jwk', region: { kind: 'mapping' } },
      { ...number, region: { kind: 'environment', name: 'KEY' } },
    ],
    ['contiguous memory before file order', {}, { notAdjacentInMemory: true }],
    ['a variable before the heap', { region: { kind: 'environment', name: 'KEY' } }, {}],
    ['a command line before the heap', { region: { kind: 'argv' } }, {}],
    [
      'a field before a mapping',
      { region: { kind: 'object', name: 'Config.key' } },
      { region: { kind: 'mapping' } },
    ],
    [
      'a module before a mapping',
      { region: { kind: 'module', name: 'a.so+0x0' } },
      { region: { kind: 'mapping', name: '/dev/shm/x' } },
    ],
    ["a thread's stack before the heap", { region: { kind: 'stack', thread: 7 } }, {}],
    ['the heap before an unknown region', {}, { region: { kind: 'unknown' } }],
    ['this file before the next', {}, { artifact: 1, offset: 0 }],
  ])('%s', (_, useful, other) => {
    const [first, second] = [at(2, useful), at(1, other)];
    for (const order of [
      [first, second],
      [second, first],
    ])
      expect(listOf(order, 10)).toEqual([first, second]);
  });

  test('a finding leads with it and is described by it', () => {
    const token = strongText(1);
    const fold = new Fold();
    fold.artifact(0, { path: 'core' });
    addJudged(fold, judged(token, { offset: 10, encoding: 'hex', partial: true }));
    addJudged(fold, judged(token, { offset: 500 }, { region: { kind: 'environment', name: 'TOKEN' } }));
    const [finding] = [...atOnce(fold.findings())];
    expect(finding?.location).toMatchObject({ offset: 500, region: { kind: 'environment' } });
    expect(finding?.occurrences.map(({ offset }) => offset)).toEqual([500, 10]);
  });
});

describe('a cap keeps at least one place an artifact', () => {
  const regions: Region[] = [heap, { kind: 'environment', name: 'A' }, { kind: 'mapping' }];
  const place = fc.record({
    artifact: fc.integer({ min: 0, max: 7 }),
    partial: fc.boolean(),
    region: fc.constantFrom(...regions),
    fragmented: fc.boolean(),
  });

  /** In file order one after another, so that none is inside another. */
  function build(
    rows: readonly { artifact: number; partial: boolean; region: Region; fragmented: boolean }[],
  ) {
    return rows.map(({ artifact, partial, region, fragmented }, i): Occurrence => {
      const offset = i * 100;
      return {
        artifact,
        offset,
        length: 40,
        region,
        ...(partial ? { partial } : {}),
        ...(fragmented
          ? {
              extents: [
                { offset, length: 20 },
                { offset: offset + 50, length: 20 },
              ],
            }
          : {}),
      };
    });
  }

  /** By definition: the best of each artifact, then the best of the others as far as there is room. */
  function oracle(places: readonly Occurrence[], cap: number): Occurrence[] {
    const rank = ({ partial, region }: Occurrence) =>
      10 * Number(partial ?? false) + { environment: 0, heap: 1, mapping: 2 }[region.kind as 'heap'];
    const sorted = [...places].sort((a, b) => rank(a) - rank(b) || byPlace(a, b));
    const leaders = sorted.filter(
      (each, i) => sorted.findIndex(({ artifact }) => artifact === each.artifact) === i,
    );
    const others = sorted.filter((each) => !leaders.includes(each));
    const kept = [...leaders, ...others.slice(0, Math.max(0, cap - leaders.length))];
    return sorted.filter((each) => kept.includes(each));
  }

  test('in any order of arrival, as the oracle says', () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.nat()),
        (rows, cap, random) => {
          const places = build(rows);
          const shuffled = places
            .map((each) => ({ each, key: random.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ each }) => each);
          const expected = oracle(places, cap);
          expect(listOf(places, cap)).toEqual(expected);
          expect(listOf(shuffled, cap)).toEqual(expected);
        },
      ),
    );
  });

  test('300,000 places, each more useful than the one before, take no quadratic time', () => {
    const occurrences = new Occurrences({ cap: 1_000, budget: new PlaceBudget(0) });
    for (let i = 300_000; i > 0; i--)
      occurrences.add({ artifact: 0, offset: i * 64, length: 32, region: heap }, () => false);
    expect(occurrences.count).toBe(300_000);
    expect(occurrences.list().map(({ offset }) => offset / 64)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i + 1),
    );
    expect(occurrences.listIn(0)).toEqual(occurrences.list());
  });

  const everywhere = (artifacts: number, each: number) =>
    Array.from({ length: artifacts * each }, (_, i): Occurrence => {
      const artifact = Math.floor(i / each);
      return { artifact, offset: (i % each) * 64, length: 32, region: heap };
    });

  test.each([3, 1_500, 100_000])('of %d artifacts with 3 places each', (artifacts) => {
    const list = listOf(everywhere(artifacts, 3), 1_000);
    expect(new Set(list.map(({ artifact }) => artifact)).size).toBe(artifacts);
    expect(list).toHaveLength(artifacts === 3 ? 9 : artifacts);
    expect(list.every(({ offset }) => artifacts === 3 || offset === 0)).toBe(true);
  });

  test('until the budget of the scan is spent, which is a limit of the artifact', () => {
    const fold = new Fold({ occurrences: 2, furtherOccurrences: 1 });
    for (let i = 0; i < 5; i++) {
      fold.artifact(i, { path: `core.${i}` });
      addJudged(fold, judged(strongText(1), { offset: 64 }, { artifact: i }));
    }
    const [finding] = [...atOnce(fold.findings())];
    expect(finding?.occurrences.map(({ artifact }) => artifact)).toEqual([0, 1, 2]);
    expect(finding?.occurrenceCount).toBe(5);
    expect([0, 1, 2].flatMap((i) => fold.limits(i))).toEqual([]);
    for (const i of [3, 4])
      expect(fold.limits(i)).toEqual([expect.objectContaining({ search: 'occurrences' })]);
  });
});
