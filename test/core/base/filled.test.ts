import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK, rangeReader } from '../../../src/core/base/bytes/direct-reads.js';
import { filledRanges } from '../../../src/core/base/bytes/filled.js';
import { type ByteReader, openStorage, type Storage } from '../../../src/core/base/bytes/storage.js';

const LENGTH = 5 * BLOCK + 123;
const bytes = Buffer.from(
  Uint8Array.from({ length: LENGTH }, (_, index) => (index % (2 * BLOCK) < BLOCK ? 0 : 1 + (index % 250))),
);

let folder: string;
let fd: number;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'filled-'));
  writeFileSync(join(folder, 'file'), bytes);
  fd = openSync(join(folder, 'file'), 'r');
});
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const file = (direct = false): Storage => ({
  kind: 'file',
  fd,
  length: LENGTH,
  ...(direct ? { direct: fd } : {}),
});

/** Gaps and lengths of spans. */
const spans = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 2 * BLOCK }),
      fc.integer({ min: 1, max: 2 * BLOCK }),
      fc.constantFrom(0, 42),
    ),
  )
  .map((parts) => {
    let at = 0;
    return parts.flatMap(([gap, length, fill]) => {
      const offset = at + gap;
      at = offset + length;
      return at <= LENGTH ? [{ offset, length, fill }] : [];
    });
  });

function copyOf(ranges: readonly { offset: number; length: number; fill: number }[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const { offset, length, fill } of ranges) copy.fill(fill, offset, offset + length);
  return copy;
}

function expectSame(reader: ByteReader, expected: Buffer, offset: number, length: number): void {
  const target = aligned(length);
  const read = reader.read(offset, target);
  expect(Buffer.from(target.subarray(0, read)).equals(expected.subarray(offset, offset + length))).toBe(true);
}

/** At the start of a page, as direct reads need it. */
const memory = new Uint8Array(new WebAssembly.Memory({ initial: 2 }).buffer);
const aligned = (length: number): Uint8Array => memory.fill(255).subarray(0, length);

describe('a filled storage', () => {
  it('reads what a filled copy holds, at any offset', () => {
    fc.assert(
      fc.property(
        spans,
        fc.integer({ min: 0, max: LENGTH }),
        fc.integer({ min: 0, max: 3 * BLOCK }),
        (all, at, length) => {
          const storage: Storage = {
            kind: 'filled',
            stored: file(),
            ranges: filledRanges(all),
            length: LENGTH,
          };
          expectSame(openStorage(storage), copyOf(all), at, length);
          expectSame(rangeReader(structuredClone(storage)), copyOf(all), at, length);
        },
      ),
    );
  });

  it('reads single bytes around every edge of a span and of a block', () => {
    const all = [
      { offset: 0, length: 3, fill: 7 },
      { offset: BLOCK - 2, length: 4, fill: 0 },
      { offset: BLOCK + 2, length: 1, fill: 42 },
      { offset: 2 * BLOCK, length: BLOCK, fill: 42 },
      { offset: LENGTH - 1, length: 1, fill: 9 },
    ];
    const reader = openStorage({ kind: 'filled', stored: file(), ranges: filledRanges(all), length: LENGTH });
    const expected = copyOf(all);
    for (const edge of [0, BLOCK, 2 * BLOCK, 3 * BLOCK, LENGTH])
      for (let at = Math.max(0, edge - 5); at < edge + 5; at++)
        for (let length = 1; length < 12; length++) expectSame(reader, expected, at, length);
  });

  it('reads direct reads of holes as filled', () => {
    const all = [{ offset: 10, length: BLOCK, fill: 42 }];
    const storage: Storage = {
      kind: 'filled',
      stored: file(true),
      ranges: filledRanges(all),
      length: LENGTH,
    };
    const calls: number[] = [];
    const reader = rangeReader(storage, (_fd, target, offset) => {
      calls.push(offset);
      target.set(bytes.subarray(offset, offset + target.length));
      return Math.min(target.length, LENGTH - offset);
    });
    expect(reader.inBlocks).toBe(true);
    for (let at = 0; at < LENGTH; at += BLOCK) expectSame(reader, copyOf(all), at, BLOCK);
    expect(calls).toContain(BLOCK);
  });

  it('is filled under a tail', () => {
    const all = [{ offset: 0, length: 10, fill: 42 }];
    const stored: Storage = { kind: 'filled', stored: file(), ranges: filledRanges(all), length: LENGTH };
    const column = (value: number) => Float64Array.of(value);
    const tail = {
      from: LENGTH,
      length: LENGTH + 20,
      starts: column(LENGTH),
      offsets: column(0),
      lengths: column(20),
    };
    const target = new Uint8Array(20);
    openStorage({ kind: 'tailed', stored, tail, length: tail.length }).read(LENGTH, target);
    expect(Buffer.from(target).equals(copyOf(all).subarray(0, 20))).toBe(true);
  });
});
