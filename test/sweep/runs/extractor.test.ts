import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../../src/search/core/kernel.js';
import type { Run } from '../../../src/search/core/types.js';
import { FITTED, type NumberRecord, RecordList, RecordReader } from '../../../src/sweep/runs/records.js';
import { findRuns } from '../../search/runs.js';
import fc from '../../support/property.js';
import { type Extracted, extracted, readAll } from './extracted.js';
import { naive } from './naive.js';
import { soup } from './soup.js';

const kept = (data: Buffer, { offset, words }: Run): Extracted[] =>
  extracted(data, offset, words).filter(({ kind }) => kind !== 'window' && kind !== 'anyLength');

const keys = (all: readonly Extracted[]) => all.map((each) => JSON.stringify(each)).sort();

describe('numbers taken out of runs', () => {
  test('follow the rules', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(soup, (data) => {
        for (const run of findRuns(bufferReader(data))) {
          if (run.words > 1024) continue;
          const expected = naive(data, run);
          for (const { kind, size, detail } of expected) {
            const reading = (detail & ~FITTED) >> 2;
            seen.add(`${kind} ${kind === 'digits' ? detail : size}${reading > 2 ? ` as ${reading}` : ''}`);
            if (detail & FITTED) seen.add(`${kind} behind its header`);
          }
          expect(keys(kept(data, run))).toEqual(keys(expected));
        }
      }),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual([
      'digits 0',
      'digits 1',
      'digits 2',
      'digits 3',
      'long 32 as 3',
      'long 32 as 4',
      'long 40 as 3',
      'long 40 as 4',
      'long 48 as 3',
      'long 48 as 4',
      'long 64 as 3',
      'long 64 as 4',
      'long 72',
      'long 72 as 3',
      'long 72 as 4',
      'long behind its header',
      'number 32',
      'number 40',
      'number 48',
      'number 64',
      'number behind its header',
      'point 32',
      'point 40',
      'point 48',
      'point 64',
      'point 66',
    ]);
  });

  test('are of a long run those at its ends', () => {
    const words = 5000;
    const data = Buffer.concat([Buffer.alloc(64), randomBytes(words * 8), Buffer.alloc(64)]);
    const offsets = extracted(data, 64, words).map(({ offset }) => offset);
    // An edge, and the 2 KiB in which digits are followed.
    const reach = 512 * 8 + 2048;
    expect(offsets).toContain(64);
    expect(offsets.filter((offset) => offset > 64 + reach && offset < data.length - 64 - reach)).toEqual([]);
  });

  test('do not depend on bytes beyond the readable ones', () => {
    const kernel = new NumberKernel();
    const extractor = kernel.extractor;
    const length = 16 * 8;
    const at = kernel.allocate(64 + length + 64) + 64;
    // What a run that was extracted before has left: in the memory, and in the sums of scores.
    const behind = (left: Buffer, value: Buffer) => {
      const list = new RecordList();
      const part = { words: 16, starts: true, ends: true };
      kernel.bytes.fill(0, at - 64, at);
      left.copy(kernel.bytes, at);
      extractor.part(part, at, 64, length + 64, 0, list);
      list.clear();
      list.open(64, 16);
      value.copy(kernel.bytes, at);
      extractor.part(part, at, 64, length, 64, list);
      return readAll(list.finish());
    };
    for (let i = 0; i < 200; i++) {
      const value = randomBytes(length);
      // As a number behind a zero: its last byte would be the one behind the run.
      value[0] = 0;
      value[1]! |= 1;
      const left = randomBytes(length + 64);
      left[length]! |= 0x80;
      expect(behind(left, value)).toEqual(behind(Buffer.alloc(length + 64), value));
    }
  });

  test('are none where neither end of the run looks random', () => {
    const text = Buffer.alloc(64, 'the quick brown fox jumps over');
    const data = Buffer.concat([Buffer.alloc(64), text, randomBytes(256), text, Buffer.alloc(64)]);
    expect(extracted(data, 64, (data.length - 128) / 8)).toEqual([]);
  });
});

describe('hostile runs fit the room for their records', () => {
  test.each([
    ['04 wherever a point may begin', (at: number, byte: number) => (at % 2 === 0 ? 4 : byte)],
    ['04 at each word and behind each header', (at: number, byte: number) => ([0, 3][at % 8] ? 4 : byte)],
  ])('%s', (_, write) => {
    const words = 1024;
    const data = Buffer.concat([Buffer.alloc(64), randomBytes(words * 8), Buffer.alloc(64)]);
    for (let i = 64 + 32; i < 64 + words * 8 - 32; i++) data[i] = write(i, data[i]!);
    expect(keys(kept(data, { offset: 64, words }))).toEqual(keys(naive(data, { offset: 64, words })));
  });
});

test('numbers are distinguished by the word before: count, its upper half, hash of -1, random word', () => {
  const number = new SeededRandom('kinds').bytes(32);
  const kindBehind = (header: string): number => {
    const data = Buffer.concat([Buffer.alloc(64), Buffer.from(header, 'hex'), number, Buffer.alloc(64)]);
    const list = new RecordList();
    const kernel = new NumberKernel();
    const at = kernel.allocate(data.length);
    kernel.view(at, data.length).set(data);
    list.open(72, 4);
    kernel.extractor.part({ words: 4, starts: true, ends: true }, at + 72, 72, data.length - 72, 72, list);
    let kind = -1;
    const takers = {
      window() {},
      digits() {},
      long() {},
      anyLength() {},
      point() {},
      run() {},
    };
    const take = ({ offset, sum }: NumberRecord) => {
      if (offset === 72) kind = sum;
    };
    new RecordReader(list.finish()).takeTo(Number.POSITIVE_INFINITY, { ...takers, number: take });
    return kind;
  };
  const chunk = kindBehind('3100000000000000');
  expect(chunk).toBeGreaterThan(0);
  expect(kindBehind('3100000000000000')).toBe(chunk);
  const others = ['4100000000000000', '0000000031000000', 'ffffffffffffffff'].map(kindBehind);
  expect(new Set([chunk, ...others, 0]).size).toBe(5);
  expect(kindBehind('1823000020000000')).toBe(kindBehind('0827000020000000'));
});
