import type { Storage } from '../../../core/base/bytes/storage.js';
import { RangeReads, type TaskRange, taskRanges } from '../windows/task-ranges.js';
import { type KnownBytes, PartSieve } from './part-sieve.js';
import { type FormFound, formsIn } from './text-parts.js';
import { wideRuns } from './text-runs.js';

/** Bytes around a task that are read with it: the longest value with six characters a byte. */
const MARGIN = 2 ** 16;
/** Numbers of each part of the output: forms, offset, characters, bytes from one to the next. */
export const COLUMNS = 4;

interface PrintedTask extends TaskRange {
  known: KnownBytes;
}

/** Splits a storage into tasks, in file order. */
export function* printedTasks(storage: Storage, known: KnownBytes): Generator<PrintedTask> {
  for (const range of taskRanges(storage)) yield { ...range, known };
}

const reads = new RangeReads(MARGIN);

/** Parts of the text in a task that may print bytes of interest, as a job of the pool. They may overlap. */
export function job({ known, ...range }: PrintedTask): Float64Array {
  const { bytes, length, first } = reads.read(range);
  const { from, to } = range;
  const sieve = new PartSieve(known);
  const parts: number[] = [];
  const foundIn =
    (start: number, stride: 1 | 2): FormFound =>
    (forms, begin, until) => {
      parts.push(forms, first + start + stride * begin, until - begin, stride);
    };
  const search = (text: Uint8Array, start: number, stride: 1 | 2): void => {
    const found = foundIn(start, stride);
    formsIn(text, false, (forms, begin, until) => {
      if (first + start + stride * until <= from || first + start + stride * begin >= to) return;
      sieve.add({ text, forms, start: begin, end: until, found });
    });
  };
  // What has a form is text.
  search(bytes.subarray(0, length), 0, 1);
  wideRuns(bytes, length, (start, count) => search(narrowed(bytes, start, count), start, 2));
  sieve.finish();
  return Float64Array.from(parts);
}

/** Every second byte. */
export function narrowed(bytes: Uint8Array, start: number, count: number): Uint8Array {
  const text = new Uint8Array(count);
  for (let at = 0; at < count; at++) text[at] = bytes[start + 2 * at]!;
  return text;
}
