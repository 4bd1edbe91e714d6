import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunCache } from '../../src/search/core/run-cache.js';
import { RunList } from '../../src/search/core/run-list.js';
import type { Run } from '../../src/search/core/types.js';
import { KEPT_MARGIN, MOST_KEPT, partsOf } from '../../src/sweep/runs/extractor.js';
import fc from '../support/property.js';

const FILE = randomBytes(1 << 18);

/** Runs of the file in order, some adjacent to the cached bytes of the one before. */
const runs = fc
  .array(
    fc.tuple(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.nat(200)), fc.integer({ min: 3, max: 1500 })),
    {
      maxLength: 30,
    },
  )
  .map((all) => {
    const placed: Run[] = [];
    let at = KEPT_MARGIN;
    for (const [gap, words] of all) {
      const offset = at + gap * 8;
      if (offset + words * 8 + KEPT_MARGIN > FILE.length) break;
      placed.push({ offset, words });
      at = offset + words * 8;
    }
    return placed;
  });

/** Cached ranges of a run: of each part its start from the run's first byte, and its length. */
const keptOf = (words: number) =>
  partsOf(words).map((part) => ({
    from: part.from * 8 - KEPT_MARGIN,
    length: part.words * 8 + 2 * KEPT_MARGIN,
  }));

/** What the sweep hands over of a run. */
const bytesOf = ({ offset, words }: Run): Buffer =>
  Buffer.concat(
    keptOf(words).map(({ from, length }) => FILE.subarray(offset + from, offset + from + length)),
  );

function keeping(all: readonly Run[]): RunCache {
  const kept = new RunCache();
  for (const run of all) kept.addRun(run.offset, run.words, bytesOf(run));
  return kept;
}

/** A reader that must not be called. */
const none = {
  ...bufferReader(FILE),
  length: FILE.length,
  read: () => {
    throw new Error('these bytes are cached');
  },
};

describe('bytes of runs that came with the sweep', () => {
  test('are found at every offset, and no others', () => {
    fc.assert(
      fc.property(
        runs,
        fc.array(fc.tuple(fc.nat(FILE.length), fc.nat(600)), { maxLength: 60 }),
        (all, asked) => {
          const stretches = all.flatMap(({ offset, words }) =>
            keptOf(words).map(({ from, length }) => [offset + from, offset + from + length] as const),
          );
          const kept = keeping(all);
          const edges = stretches.flatMap(([from, to]) => [
            [from, to - from] as const,
            [from - 1, 2] as const,
            [to - 1, 2] as const,
            [from + 3, 5] as const,
          ]);
          for (const [offset, length] of [...asked, ...edges]) {
            const place = kept.placeOf(offset, length);
            const isKept = stretches.some(([from, to]) => from <= offset && offset + length <= to);
            expect(place !== undefined).toBe(isKept);
            if (place === undefined) continue;
            const bytes = Buffer.from(kept.bytes.subarray(place, place + length));
            expect(bytes.equals(FILE.subarray(offset, offset + length))).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('yield the pieces and numbers of the file without reading, in another thread as well', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const kernel = new NumberKernel();
        const kept = new RunCache(structuredClone(keeping(all).columns));
        const bytes = new RunBytes(none, kernel, kept);
        const read = new RunBytes(bufferReader(FILE), kernel);
        for (const run of all) {
          const pieces = [...bytes.pieces(run)].map((piece) => {
            const { at, before, after, ...rest } = piece;
            expect([before, after, at % 8]).toEqual([KEPT_MARGIN, piece.words * 8 + KEPT_MARGIN, 0]);
            const around = Buffer.from(kernel.view(at - before, before + after));
            expect(around.equals(FILE.subarray(piece.offset - before, piece.offset + after))).toBe(true);
            return rest;
          });
          expect(pieces).toEqual(
            [...read.pieces(run)].map(({ at: _, before: _b, after: _a, ...rest }) => rest),
          );
          const number = bytes.read(run.offset - 8, 24);
          expect(number.equals(FILE.subarray(run.offset - 8, run.offset + 16))).toBe(true);
          number.fill(0);
          expect(bytes.read(run.offset - 8, 24).equals(FILE.subarray(run.offset - 8, run.offset + 16))).toBe(
            true,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of a piece are read as far as margins need', () => {
    const kernel = new NumberKernel();
    const run = { offset: 8192, words: 40 };
    const bytes = new RunBytes(bufferReader(FILE), kernel, keeping([run]));
    const [piece] = bytes.pieces(run);
    const wide = bytes.widened(piece!);
    expect(wide.before).toBeGreaterThanOrEqual(2048);
    expect(wide.after).toBeGreaterThanOrEqual(40 * 8 + 2048);
    const around = Buffer.from(kernel.view(wide.at - 2048, 4096));
    expect(around.equals(FILE.subarray(8192 - 2048, 8192 + 2048))).toBe(true);
    expect(bytes.widened(wide)).toBe(wide);
  });

  test('are cached in order only, and not at all beyond the capacity', () => {
    const kept = new RunCache();
    const bytes = Buffer.alloc(1024 * 8 + 2 * KEPT_MARGIN, 7);
    kept.addRun(1 << 20, 1024, bytes);
    kept.addRun(1 << 19, 1024, bytes);
    kept.addRun(1 << 20, 1024, bytes);
    expect(kept.columns.length).toBe(1);
    const room = Math.ceil(MOST_KEPT / bytes.length);
    // Three have come, and the last one that there is room for.
    for (let i = 2; i < room - 2; i++) expect(kept.addRun(i * (1 << 20), 1024, bytes)).toBe(true);
    expect([kept.overflows, kept.bytes.length]).toEqual([false, (room - 3) * bytes.length]);
    expect(kept.placeOf(1 << 20, 64)).toBe(KEPT_MARGIN);
    for (let i = room; i < room + 3; i++) kept.addRun(i * (1 << 20), 1024, bytes);
    expect([kept.overflows, kept.bytes.length, kept.columns.length]).toEqual([true, 0, 0]);
    expect(kept.placeOf(1 << 20, 64)).toBeUndefined();
    expect(kept.addRun(1 << 30, 1024, bytes)).toBe(false);
  });

  test('are forgotten by a list of runs with them', () => {
    const list = new RunList();
    for (let i = 0; i < 5000; i++)
      list.push({ offset: i * 64, words: 3 + (i % 5) }, { body: i % 3 === 0, kept: i % 3 === 1 });
    const [some, all] = [[...list.ofWords(4)], [...list.all()]];
    expect(list.kept).toBeGreaterThan(1000);
    list.forgetKept();
    expect(list.kept).toBe(0);
    expect([...list.notKept(4)]).toEqual(some);
    expect([...list.ofWords(4)]).toEqual(some);
    expect([...list.all()]).toEqual(all);
  });

  test('hold a number of which each word is looked at where its run is', () => {
    const kept = keeping([{ offset: 8192, words: 40 }]);
    const held = (before: number, behind: number) =>
      kept.holds({ offset: 8192 - before, words: 40 + (before + behind) / 8 });
    expect([held(0, 0), held(8, 8), held(-16, -64), held(3, 5)]).toEqual([true, true, true, true]);
    expect([held(16, 0), held(0, 16), held(24, 24), held(9, -1)]).toEqual([false, false, false, false]);
  });
});
