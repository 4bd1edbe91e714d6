import { wholeBlocks } from '../../../base/bytes/direct-reads.js';
import { lenient, openStorage, type Storage } from '../../../base/bytes/storage.js';
import { type KnownBytes, PartSieve } from './part-sieve.js';
import { type FormFound, formsIn } from './text-forms.js';
import { wideRuns } from './text-runs.js';

/** Bytes of a task. */
const TASK = 2 ** 20;
/** Bytes around a task that are read with it: the longest value with six characters a byte. */
const MARGIN = 2 ** 16;
/** Numbers of each part of the output: forms, offset, characters, bytes from one to the next. */
export const COLUMNS = 4;

interface PrintedTask {
  storage: Storage;
  known: KnownBytes;
  from: number;
  to: number;
}

/** Splits a storage into tasks, in file order. */
export function* printedTasks(storage: Storage, known: KnownBytes): Generator<PrintedTask> {
  for (let from = 0; from < storage.length; from += TASK)
    yield { storage, known, from, to: Math.min(storage.length, from + TASK) };
}

let buffer: Uint8Array | undefined;

/** Parts of the text in a task that may print bytes of interest, as a job of the pool. They may overlap. */
export function job({ storage, known, from, to }: PrintedTask): Float64Array {
  buffer ??= new Uint8Array(wholeBlocks(TASK + 2 * MARGIN));
  const bytes = buffer;
  const first = Math.max(0, from - MARGIN);
  const target = bytes.subarray(0, Math.min(bytes.length, to + MARGIN - first));
  const length = lenient(openStorage(storage)).read(first, target);
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
