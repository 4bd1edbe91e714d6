import type { ByteReader, Storage } from '../../../core/base/bytes/storage.js';
import type { Seam } from '../../../formats/memory/types.js';
import { defineJob } from '../../../sweep/job.js';
import { kernelName } from '../../../sweep/kernel-select.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import { compressedFills } from './compressed.js';
import { compressedTasks, job as search } from './compressed-job.js';
import { forgetSieve } from './content-sieve.js';
import { MemoryOrder, seamColumns } from './memory-order.js';
import { type SecretSources, secretTest } from './secret-test.js';

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
