import { setImmediate as turn } from 'node:timers/promises';
import type { ByteReader, Storage } from '../../../core/base/bytes/storage.js';
import { HEADER_COLUMNS, LONGEST_HEADER, startsIn } from '../../../core/encodings/stream-forms.js';
import type { Seam } from '../../../formats/memory/types.js';
import { defineJob } from '../../../sweep/job.js';
import { kernelName } from '../../../sweep/kernel-select.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import { compressedTasks, job as search } from './compressed-job.js';
import { forgetSieve } from './content-sieve.js';
import { type SecretSources, secretTest } from './secret-test.js';
import {
  budgetFor,
  MemoryOrder,
  MemoryStreams,
  MOST_DECODED,
  PIECE,
  type SecretTest,
  seamColumns,
} from './streams.js';

const COMPRESSED_JOB = defineJob<typeof import('./compressed-job.js')>(
  new URL('./compressed-job.js', import.meta.url),
);

export interface StoredStreams extends SecretSources {
  pool: Pick<SweepPool, 'map'>;
  /** Opens the storage. */
  open: (storage: Storage) => ByteReader;
  /** Where memory goes on elsewhere in the file. */
  seams: Iterable<Pick<Seam, 'endOffset' | 'offset'>>;
  signal?: AbortSignal | undefined;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
}

let searches = 0;

/**
 * Compressed streams of a storage whose content holds a finding. All threads decode what may be one, and
 * leave out what holds nothing that a rule could begin with; the calling one tests the others.
 */
export async function* storedStreams(
  storage: Storage,
  { book, table, values, pool, open, seams, signal, onLimit }: StoredStreams,
): AsyncGenerator<Fill> {
  const columns = seamColumns(seams);
  const sources = { id: ++searches, net: book.net, kernel: kernelName(), table, values, seams: columns };
  try {
    yield* compressedFills(open(storage), {
      isSecret: secretTest({ book, table, values }),
      order: new MemoryOrder(columns),
      starts: pool.map(COMPRESSED_JOB, compressedTasks(storage, sources), search),
      signal,
      ...(onLimit && { onLimit }),
    });
  } finally {
    forgetSieve();
  }
}

/** Bytes in which streams are looked for at once. */
const CHUNK = 2 ** 22;

/** Decoded bytes after which others have their turn. */
const TURN = 2 ** 26;

/** What a part of a file may begin: the cost of finding out, and a row for each stream. */
export type StreamStarts = Float64Array | readonly number[];

interface CompressedSetup {
  isSecret: SecretTest;
  /** The order of the file by default. */
  order?: MemoryOrder;
  /**
   * By the parts of the file, in its order: {@link StreamStarts} of streams that may hold a finding. By
   * default all.
   */
  starts?: AsyncIterable<StreamStarts>;
  signal?: AbortSignal | undefined;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
}

/**
 * Compressed streams in memory (gzip, zlib, ZIP; base64 of gzip) whose content holds a finding: as much of
 * each as can be decoded. Base64 ends where its memory does in the file.
 */
export async function* compressedFills(
  reader: ByteReader,
  { isSecret, order = new MemoryOrder(), starts = allStarts(reader), signal, onLimit }: CompressedSetup,
): AsyncGenerator<Fill> {
  const streams = new MemoryStreams(reader, isSecret, order);
  const block = new Uint8Array(PIECE + LONGEST_HEADER);
  let left = budgetFor(reader.length);
  let after = 0;
  let turnAt = streams.left - TURN;
  for await (const rows of starts) {
    const cost = rows[0]!;
    left -= cost;
    const before = streams.left;
    if (left <= 0) return onLimit?.();
    for (let row = 1; row < rows.length; row += HEADER_COLUMNS) {
      const [start, header] = [rows[row]!, rows[row + 1]!];
      if (start < after) continue;
      if (streams.left < turnAt) {
        turnAt = streams.left - TURN;
        await turn();
        signal?.throwIfAborted();
      }
      const bytes = block.subarray(0, reader.read(start, block.subarray(0, PIECE + header)));
      const length = streams.length(bytes, 0, start);
      // What a task has left to this thread costs what it would have cost there.
      const more = cost < MOST_DECODED ? 0 : before - streams.left - cost;
      if (streams.isSpent || more > left) return onLimit?.();
      if (length === 0) continue;
      for (const extent of order.extents(start, length)) yield { ...extent, cause: 'compressed stream' };
      after = start + Math.min(length, order.straight(start));
    }
    if (cost >= MOST_DECODED) left -= Math.max(0, before - streams.left - cost);
  }
}

/** All headers. */
async function* allStarts(reader: ByteReader): AsyncGenerator<StreamStarts> {
  const chunk = new Uint8Array(CHUNK + LONGEST_HEADER);
  for (let from = 0; from < reader.length; from += CHUNK) {
    const bytes = chunk.subarray(0, reader.read(from, chunk));
    const rows = [0];
    startsIn(bytes, 0, CHUNK, (at, header) => rows.push(from + at, header));
    yield rows;
    await turn();
  }
}
