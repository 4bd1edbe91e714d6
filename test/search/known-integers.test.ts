import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { toBigint } from '../../src/core/base/bytes/integers.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { sightings } from '../../src/search/core/known-integers.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';

const AT = 4096;
const WORDS = 900;
const SIZE = 128;

/** Counts what is read of numbers. */
class Counting extends RunBytes {
  reads = 0;

  override read(offset: number, length: number): Buffer {
    this.reads++;
    return super.read(offset, length);
  }
}

/** Numbers that end alike, as those of certificates in a hostile dump may. */
const low = randomBytes(8);
const octets = (size: number): Buffer => Buffer.concat([Buffer.of(0x80), randomBytes(size - 9), low]);

test('a place is read once for all numbers of a length, however many end as it does', () => {
  const numbers = Array.from({ length: 1000 }, () => octets(SIZE));
  const data = Buffer.alloc(4 * AT);
  const run = { offset: AT, words: WORDS };
  for (let word = 0; word < WORDS; word++) randomBytes(8).copy(data, AT + 8 * word);
  for (let word = 0; word < WORDS; word += 2) low.copy(data, AT + 8 * word);
  const places = [AT + 160, AT + 2048];
  for (const [i, place] of places.entries()) numbers[500 * i]!.copy(data, place);
  const runs = new RunList();
  runs.push(run);
  const kernel = NumberKernel.take();
  const bytes = new Counting(bufferReader(data), kernel);
  const wanted = [...numbers, octets(192), octets(256)].map((number, label) => ({
    value: toBigint(number),
    label,
  }));
  const found = [
    ...sightings(
      wanted,
      { kernel, bytes, runs, skippedWork: new SkippedWork(), budget: (usual) => usual },
      { step: 1 },
    ),
  ];
  kernel.release();
  expect(found.map(({ label, offset, length, reading }) => ({ label, offset, length, reading }))).toEqual(
    places.map((offset, i) => ({ label: 500 * i, offset, length: SIZE, reading: 'bytes-be' })),
  );
  expect(bytes.reads).toBeGreaterThan(WORDS / 2 - 100);
  expect(bytes.reads).toBeLessThanOrEqual(3 * WORDS);
});

test('lengths beyond the eighth are not compared where a number of each ends alike', () => {
  const numbers = Array.from({ length: 100 }, (_, i) => octets(64 + 8 * i));
  const data = Buffer.alloc(4 * AT);
  for (let word = 0; word < WORDS; word++) low.copy(data, AT + 8 * word);
  numbers[3]!.copy(data, AT + 1024);
  const runs = new RunList();
  runs.push({ offset: AT, words: WORDS });
  const kernel = NumberKernel.take();
  const bytes = new Counting(bufferReader(data), kernel);
  const wanted = numbers.map((number, label) => ({ value: toBigint(number), label }));
  const skippedWork = new SkippedWork();
  const found = [...sightings(wanted, { kernel, bytes, runs, skippedWork, budget: (usual) => usual })];
  kernel.release();
  expect(found.map(({ label, offset }) => ({ label, offset }))).toEqual([{ label: 3, offset: AT + 1024 }]);
  expect(bytes.reads).toBeLessThanOrEqual(8 * (WORDS + 2));
  expect(skippedWork.limits()[0]).toMatchObject({ search: 'known-numbers', target: 'blind' });
});
