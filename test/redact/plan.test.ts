import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { AddressRanges } from '../../src/redact/core/address-ranges.js';
import { noWords, Plan, type WordTest } from '../../src/redact/core/plan.js';
import { plannedReader } from '../../src/redact/core/planned-reader.js';
import { planStacks } from '../../src/redact/core/threads.js';
import fc from '../support/property.js';

const LENGTH = 96;
const extent = fc.record({ offset: fc.nat(LENGTH), length: fc.nat(LENGTH) });
const code = AddressRanges.of([{ start: 0x4000n, end: 0x8000n }]);
const TEST: WordTest = {
  word: 4,
  endian: 'le',
  code,
  stacks: AddressRanges.of([{ start: 0x100n, end: 0x200n }]),
};

/** Half of the words are addresses of code. */
const SOURCE = Buffer.alloc(LENGTH);
for (let at = 0; at < LENGTH; at += 4) SOURCE.writeUInt32LE(at % 8 === 0 ? 0x4000 + at : 0x1_0000 + at, at);

function viewOf(plan: Plan, source: Uint8Array = SOURCE): (offset: number, length: number) => Buffer {
  const view = plannedReader(bufferReader(source), plan.finish(), noWords());
  return (offset, length) => {
    const target = Buffer.alloc(length, 0xff);
    return target.subarray(0, view.read(offset, target));
  };
}

describe('a plan', () => {
  test('keeps, replaces and filters each byte by rank, in reads of any size', () =>
    fc.assert(
      fc.property(
        fc.array(extent),
        fc.array(extent, { maxLength: 3 }),
        fc.option(fc.nat(LENGTH / 4)),
        fc.integer({ min: 1, max: 17 }),
        (kept, replaced, filtered, step) => {
          const plan = new Plan(LENGTH);
          for (const each of kept) plan.keep(each);
          for (const { offset, length } of replaced) plan.replace(offset, Buffer.alloc(length, 0x55));
          if (filtered !== null)
            plan.filter({ offset: filtered * 4, length: LENGTH - filtered * 4 }, TEST, 'constant');
          const covers = (list: typeof kept, at: number) =>
            list.some(({ offset, length }) => at >= offset && at < offset + length);
          const expected = SOURCE.map((byte, at) => {
            if (covers(replaced, at)) return 0x55;
            if (covers(kept, at)) return byte;
            if (filtered === null || at < filtered * 4) return 0;
            return at % 8 < 4 ? byte : [0xed, 0xac, 0xef, 0x0d][at % 4]!;
          });
          const read = viewOf(plan);
          const parts = [];
          for (let at = 0; at < LENGTH; at += step) parts.push(read(at, Math.min(step, LENGTH - at)));
          expect(Buffer.concat(parts).equals(expected)).toBe(true);
        },
      ),
    ));

  test('ends with the file', () => {
    const plan = new Plan(LENGTH);
    plan.keep({ offset: LENGTH - 2, length: 2 ** 40 });
    plan.keep({ offset: 2 ** 40, length: 1 });
    plan.filter({ offset: LENGTH - 11, length: 2 ** 40 }, TEST, 'zero');
    expect(viewOf(plan)(LENGTH - 4, 8)).toHaveLength(4);
    expect(plan.finish().keptBytes).toBe(2);
  });
});

describe('stacks within one another', () => {
  const stack = (start: number, end: number) => ({
    start: BigInt(0x100 + start),
    end: BigInt(0x100 + end),
    offset: start,
  });

  test('have the words of the one that begins last', () => {
    const source = Buffer.alloc(64);
    // Addresses at the start of the outer stack, which only its own words may hold.
    for (let at = 0; at < 64; at += 4) source.writeUInt32LE(0x100, at);
    const plan = new Plan(64);
    planStacks(plan, [[stack(16, 32)], [stack(0, 48)]], {
      word: 4,
      endian: 'le',
      code: AddressRanges.of([]),
    });
    const bytes = viewOf(plan, source)(0, 64);
    const words = Array.from({ length: 16 }, (_, index) => bytes.readUInt32LE(4 * index));
    const [outer, inner] = [0x100, 0x0defaced];
    expect(words).toEqual([
      ...[outer, outer, outer, outer],
      ...[inner, inner, inner, inner],
      ...[outer, outer, outer, outer],
      ...[0, 0, 0, 0],
    ]);
  });
});
