import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { probeRuns } from '../../src/search/core/probe-runs.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunCache } from '../../src/search/core/run-cache.js';
import { RunList } from '../../src/search/core/run-list.js';
import { KEPT_MARGIN, partsOf } from '../../src/sweep/runs/extractor.js';
import fc from '../support/property.js';

const LENGTH = 1 << 17;
const WORD = 0x1122_3344_5566_7788n;
const BITS = 12;

/** Runs in file order, each cached or not, and places of the word. */
const memories = fc.record({
  runs: fc.array(
    fc.record({
      gap: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.nat(400)),
      words: fc.oneof(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 3, max: 1400 })),
      kept: fc.boolean(),
    }),
    { maxLength: 24 },
  ),
  places: fc.array(
    fc.nat(LENGTH / 8 - 2).map((word) => 8 * word),
    { maxLength: 120 },
  ),
  beside: fc.array(
    fc.tuple(
      fc.nat(23),
      fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-8, 0, 8)),
      fc.boolean(),
    ),
    { minLength: 10, maxLength: 40 },
  ),
  step: fc.constantFrom(1, 4, 8),
  first: fc.constantFrom(-8, -32),
  last: fc.constantFrom(-1, 0, 8),
  least: fc.constantFrom(0, 5),
  most: fc.constantFrom(undefined, 96),
});

test('places are those in the range of each run, in the order of the runs, cached or not', () => {
  let seen = 0;
  fc.assert(
    fc.property(memories, ({ runs, places, beside, step, first, last, least, most }) => {
      const data = randomBytes(LENGTH);
      const all: { offset: number; words: number; kept: boolean }[] = [];
      let at = 64;
      for (const { gap, words, kept } of runs) {
        const offset = at + gap * 8;
        if (offset + words * 8 + 64 > LENGTH) break;
        all.push({ offset, words, kept });
        at = offset + words * 8;
      }
      for (const place of places) data.writeBigUInt64LE(WORD, place);
      for (const [i, distance, isEnd] of beside) {
        const run = all[i];
        if (run) data.writeBigUInt64LE(WORD, run.offset + distance + (isEnd ? run.words * 8 : 0));
      }
      const list = new RunList();
      const kept = new RunCache();
      for (const run of all) {
        const bytes = partsOf(run.words).map((part) => {
          const from = run.offset + part.from * 8 - KEPT_MARGIN;
          return data.subarray(from, from + part.words * 8 + 2 * KEPT_MARGIN);
        });
        const isKept = run.kept && kept.addRun(run.offset, run.words, Buffer.concat(bytes));
        expect(isKept).toBe(run.kept);
        list.push(run, { kept: isKept });
      }
      const naive: string[] = [];
      for (const run of all) {
        if (run.words < least || (most !== undefined && run.words > most)) continue;
        for (const part of partsOf(run.words)) {
          const start = run.offset + part.from * 8;
          for (let place = first; place <= part.words * 8 + last; place += step)
            if (data.readBigUInt64LE(start + place) === WORD) naive.push(`${start} ${start + place}`);
        }
      }
      const kernel = NumberKernel.take();
      const map = kernel.allocate(1 << (BITS - 3));
      const words = kernel.allocate(8);
      kernel.u64(words, 1)[0] = WORD;
      kernel.call.mark(words, 1, map, BITS);
      const bytes = new RunBytes(bufferReader(data), kernel, kept);
      const found: string[] = [];
      for (const { at, piece } of probeRuns(kernel, bytes, list, {
        ...{ first, last, width: 8, step, least, ...(most === undefined ? {} : { most }) },
        probe: (from, length, hits, room) => kernel.call.probe(from, length, step, map, BITS, hits, room),
      }))
        if (kernel.bytes.readBigUInt64LE(at) === WORD)
          found.push(`${piece.offset} ${piece.offset + at - piece.at}`);
      kernel.release();
      seen += found.length;
      expect(found).toEqual(naive);
    }),
    { numRuns: 150 },
  );
  expect(seen).toBeGreaterThan(200);
});

test('all places are seen, however many there are', () => {
  const words = 1000;
  const data = Buffer.alloc(16_384, 0x77);
  const kernel = NumberKernel.take();
  const map = kernel.allocate(1 << (BITS - 3));
  const wanted = kernel.allocate(8);
  kernel.u64(wanted, 1)[0] = 0x7777_7777_7777_7777n;
  kernel.call.mark(wanted, 1, map, BITS);
  for (const isKept of [false, true]) {
    const list = new RunList();
    const kept = new RunCache();
    const bytes = data.subarray(4096 - KEPT_MARGIN, 4096 + words * 8 + KEPT_MARGIN);
    list.push({ offset: 4096, words }, { kept: isKept && kept.addRun(4096, words, bytes) });
    const found = [
      ...probeRuns(kernel, new RunBytes(bufferReader(data), kernel, kept), list, {
        ...{ first: -8, last: 8, width: 8 },
        probe: (from, length, hits, most) => kernel.call.probe(from, length, 1, map, BITS, hits, most),
      }),
    ].map(({ at, piece }) => at - piece.at);
    expect([found.length, found[0], found.at(-1)]).toEqual([words * 8 + 17, -8, words * 8 + 8]);
  }
  kernel.release();
});
