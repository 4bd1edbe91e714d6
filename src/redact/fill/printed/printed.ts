import type { ByteReader, Storage } from '../../../core/base/bytes/storage.js';
import { inTurns } from '../../../core/base/runtime/turns.js';
import { defineJob } from '../../../sweep/job.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import type { SecretSources } from '../compressed/secret-test.js';
import { budgetFor } from '../compressed/streams.js';
import { COLUMNS, narrowed, printedTasks, job as search } from './printed-job.js';
import { type PrintedPart, PrintedPlaces } from './printed-places.js';

const PRINTED_JOB = defineJob<typeof import('./printed-job.js')>(
  new URL('./printed-job.js', import.meta.url),
);

export interface PrintedSetup extends SecretSources {
  pool: Pick<SweepPool, 'map'>;
  /** Opens the storage. */
  open: (storage: Storage) => ByteReader;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
  signal?: AbortSignal | undefined;
}

/**
 * Bytes that are printed as text (lists of numbers, hex dumps, escapes, base64 of text), in up to three
 * encodings one inside another, where what they print is a part of a known key, a known value or a finding.
 */
export async function* printedFills(storage: Storage, setup: PrintedSetup): AsyncGenerator<Fill> {
  const { pool, open, onLimit, signal } = setup;
  const reader = open(storage);
  const places = new PrintedPlaces(setup, budgetFor(storage.length));
  const { table, values } = setup;
  for await (const parts of pool.map(PRINTED_JOB, printedTasks(storage, { table, values }), search)) {
    for await (const { start, end } of inTurns(places.inParts(partsIn(reader, parts)), signal))
      yield { offset: start, length: end - start, cause: 'printed bytes' };
    if (places.isSpent) return onLimit?.();
  }
}

/** The parts that a task has found. They are near each other, and are read at once. */
function partsIn(reader: ByteReader, rows: Float64Array): PrintedPart[] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let at = 0; at < rows.length; at += COLUMNS) {
    first = Math.min(first, rows[at + 1]!);
    last = Math.max(last, rows[at + 1]! + rows[at + 2]! * rows[at + 3]!);
  }
  if (rows.length === 0) return [];
  const block = new Uint8Array(last - first);
  const stored = block.subarray(0, reader.read(first, block));
  const parts: PrintedPart[] = [];
  for (let at = 0; at < rows.length; at += COLUMNS) {
    const [forms = 0, offset = 0, count = 0, stride = 1] = rows.subarray(at, at + COLUMNS);
    const start = offset - first;
    const bytes = stride === 1 ? stored.subarray(start, start + count) : narrowed(stored, start, count);
    const origin = (from: number, to: number) => ({
      start: offset + stride * from,
      end: Math.min(offset + stride * to, reader.length),
    });
    parts.push({ forms, text: { bytes, origin } });
  }
  return parts;
}
