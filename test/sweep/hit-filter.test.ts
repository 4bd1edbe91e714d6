import { describe, expect, test } from '@jest/globals';
import { finish } from '../../src/core/base/runtime/turns.js';
import { compileHitFilter, type FilteredLiteral, HitFilter } from '../../src/sweep/hit-filter.js';
import { HitList } from '../../src/sweep/hits.js';
import fc from '../support/property.js';

const setOf = (characters: string): Uint8Array => {
  const set = new Uint8Array(256);
  for (const code of Buffer.from(characters, 'latin1')) set[code] = 1;
  return set;
};

/** The hits that pass; a hit is the index of its first byte, and its id. */
function filtered(
  literals: readonly FilteredLiteral[],
  bytes: Uint8Array,
  hits: readonly [number, number][],
  { seams = [], at = 0, base = 0 }: { seams?: number[]; at?: number; base?: number } = {},
): [number, number][] {
  const list = new HitList();
  list.push(7, 99);
  for (const [offset, id] of hits) list.push(offset + base, id);
  finish(new HitFilter(compileHitFilter(literals), Float64Array.from(seams)).apply(list, 1, bytes, at, base));
  const { offsets, ids } = list.finish(0);
  const found = Array.from(offsets, (offset, i): [number, number] => [offset, ids[i]!]);
  return found.filter(([, id]) => id !== 99).map(([offset, id]) => [offset - base, id]);
}

/** The filter by slices and regular expressions over characters. */
function naive({ length, needs }: FilteredLiteral, bytes: Uint8Array, from: number, id: number): boolean {
  if (needs === undefined) return true;
  const unit = (id & 1) + 1;
  const character = (i: number): number | undefined => bytes[from + unit * i];
  return needs.some((need) => {
    if (need.type === 'path') {
      const most = (steps: typeof need.before) => steps.reduce((sum, step) => sum + step.most, 0);
      const [low, high] = [-most(need.before), length + most(need.after)];
      if (from + unit * low < 0 || from + unit * high > bytes.length) return true;
      const follows = (steps: typeof need.before, codes: (number | undefined)[]): boolean => {
        for (const { set, least, most: limit } of steps) {
          let count = 0;
          while (count < limit && set[codes[count]!] === 1) count++;
          if (count < least) return false;
          codes.splice(0, count);
        }
        return true;
      };
      const range = (start: number, end: number) =>
        Array.from({ length: Math.max(0, end - start) }, (_, i) => character(start + i));
      return follows(need.before, range(low, 0).reverse()) && follows(need.after, range(length, high));
    }
    const [before, after] =
      need.type === 'run' ? [need.before, need.after] : [need.before.length, need.after.length];
    if (from - unit * before < 0 || from + unit * (length + after) > bytes.length) return true;
    if (need.type === 'beside')
      return (
        need.before.every((set, i) => set[character(i - before)!] === 1) &&
        need.after.every((set, i) => set[character(length + i)!] === 1)
      );
    let spelt = '';
    for (let i = -before; i < length + after; i++) spelt += need.characters[character(i)!] === 1 ? 'x' : ' ';
    return spelt.includes('x'.repeat(need.least));
  });
}

const sets = ['ab', 'b', 'abc', 'c'].map(setOf);
const anySet = fc.constantFrom(...sets);
const steps = fc.array(
  fc
    .record({ set: anySet, least: fc.nat(3), more: fc.nat(3) })
    .map(({ set, least, more }) => ({ set, least, most: least + more })),
  { maxLength: 3 },
);
const anyNeed: fc.Arbitrary<NonNullable<FilteredLiteral['needs']>[number]> = fc.oneof(
  fc.record({
    type: fc.constant('beside' as const),
    before: fc.array(anySet, { maxLength: 4 }),
    after: fc.array(anySet, { maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('run' as const),
    characters: anySet,
    least: fc.integer({ min: 1, max: 6 }),
    before: fc.nat(6),
    after: fc.nat(9),
  }),
  fc.record({ type: fc.constant('path' as const), before: steps, after: steps }),
);
const anyLiteral = fc.record({
  length: fc.integer({ min: 1, max: 3 }),
  needs: fc.option(fc.array(anyNeed, { maxLength: 3 }), { nil: undefined }),
});

describe('the hit filter', () => {
  test('keeps hits of which a need holds, or whose literal has no needs, and no others', () => {
    fc.assert(
      fc.property(
        fc.array(anyLiteral, { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom(...Buffer.from('abbccc.')), { minLength: 8, maxLength: 60 }),
        fc.nat(1000),
        (literals, codes, base) => {
          const bytes = Uint8Array.from(codes);
          const hits = codes.flatMap((_, at) =>
            literals.flatMap((_l, i): [number, number][] => [
              [at, 2 * i],
              [at, 2 * i + 1],
            ]),
          );
          const inside = hits.filter(
            ([at, id]) => at + ((id & 1) + 1) * literals[id >> 1]!.length <= codes.length,
          );
          expect(filtered(literals, bytes, inside, { base })).toEqual(
            inside.filter(([at, id]) => naive(literals[id >> 1]!, bytes, at, id)),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test('keeps hits across a seam', () => {
    const literals: FilteredLiteral[] = [
      { length: 2, needs: [{ type: 'beside', before: [sets[0]!], after: [sets[0]!, sets[0]!] }] },
    ];
    const bytes = Buffer.from('xxx__xxx');
    // Bytes 102 to 106 are read.
    for (let seam = 98; seam < 112; seam++)
      expect([seam, filtered(literals, bytes, [[3, 0]], { seams: [4, seam, 2000], at: 100 })]).toEqual([
        seam,
        seam > 101 && seam < 108 ? [[3, 0]] : [],
      ]);
  });
});
