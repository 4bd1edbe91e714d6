import { describe, expect, test } from '@jest/globals';
import { type Mapping, type PageRun, segmentsOf } from '../../../src/source/process/segments.js';

const mapping = (start: bigint, length: bigint, over: Partial<Mapping> = {}): Mapping => ({
  ...{ start, end: start + length, permissions: 'rw-p', offset: 0n, path: '', populated: 4096 },
  flags: new Set(['rd', 'wr']),
  ...over,
});

/** Each page of a mapping but those of odd number. */
function everySecond({ start, end }: Pick<Mapping, 'start' | 'end'>, gap: bigint): PageRun[] {
  if (gap > 4096n) return [{ start, end }];
  const count = Number((end - start) / 8192n);
  return Array.from({ length: count }, (_, i) => {
    const at = start + BigInt(i) * 8192n;
    return { start: at, end: at + 4096n };
  });
}

describe('segments', () => {
  const all: { what: string; over: Partial<Mapping>; expected: 'whole' | 'left out' | 'none' }[] = [
    { what: 'written memory', over: {}, expected: 'whole' },
    { what: 'memory that was never touched', over: { populated: 0 }, expected: 'none' },
    { what: 'pages of the kernel', over: { path: '[vvar]' }, expected: 'none' },
    { what: 'memory of a device', over: { flags: new Set(['io']) }, expected: 'left out' },
    { what: 'pages without a struct page', over: { flags: new Set(['pf', 'wr']) }, expected: 'left out' },
    { what: 'memory kept out of cores', over: { flags: new Set(['dd']) }, expected: 'whole' },
  ];
  test.each(all)('of $what: $expected', ({ over, expected }) => {
    const one = mapping(0x1000n, 0x4000n, over);
    const found = segmentsOf([one], { runs: ({ start, end }) => [{ start, end }] });
    const whole = { start: one.start, end: one.end, mapping: one };
    expect(found).toEqual(
      { whole: [whole], 'left out': [{ ...whole, isLeftOut: true }], none: [] }[expected],
    );
  });

  test('of a mapping whose pages cannot be listed: none of its bytes, and its place', () => {
    const one = mapping(0x1000n, 0x4000n);
    expect(segmentsOf([one], { runs: () => undefined })).toEqual([
      { start: one.start, end: one.end, mapping: one, isLeftOut: true },
    ]);
  });

  test('are no more than program headers can be: gaps are taken in', () => {
    const one = mapping(0n, 8192n * 100_000n);
    const found = segmentsOf([one], { runs: (range, gap) => everySecond(range, gap >> 6n) });
    expect(found.length).toBeLessThanOrEqual(60_000);
    expect([found[0]!.start, found.at(-1)!.end]).toEqual([one.start, one.end]);
  });
});
