import { setImmediate } from 'node:timers/promises';
import { inTurns, Turns } from '../core/base/runtime/turns.js';
import { limitOf } from '../core/limits/limit.js';
import { occurrenceOf } from '../core/model/occurrence.js';
import type { Extent } from '../core/model/report.js';
import { MAX_WINDOW } from '../formats/memory/view.js';
import { CopyMatcher } from '../known/copy-matcher.js';
import type { CopyNets } from '../known/copy-nets.js';
import type { FindingSink } from '../prove/judge/finding-sink.js';
import type { SweepPool } from '../sweep/pool.js';
import type { HitBatch, Net } from '../sweep/types.js';
import type { Ledger } from './ledger.js';
import type { OpenDump } from './open-dump.js';
import { seamHits } from './seams.js';

export interface CopiesRequest {
  /** Each is swept for before the next is asked for. */
  groups: AsyncIterable<CopyNets>;
  /** Number of groups. */
  sweeps: number;
  /** Places of a finding that are reported already, by its id. */
  knownPlaces: (finding: string) => readonly Extent[];
  sink: Pick<FindingSink, 'copy'>;
  pool: SweepPool;
  signal?: AbortSignal;
}

/**
 * The second sweep, once for each group of keys. It searches for every private component of every proven key
 * and for every `--find` target, in every encoding, outside of the known places.
 */
export async function searchCopies(dump: OpenDump, ledger: Ledger, request: CopiesRequest): Promise<void> {
  let [keys, hits] = [0, 0];
  for await (const group of request.groups) {
    const single = request.sweeps === 1 && group.nets.length === 1;
    hits += await searchGroup(group, dump, ledger, request, single);
    // Of public halves, which are no secrets, the likeliest encodings are enough.
    if (!group.needles.complete) keys += group.keys.filter(({ isPublic }) => !isPublic).length;
  }
  const reportSkipped = (left: number, what: string): void => {
    const range = { offset: 0, length: dump.length };
    if (left > 0) ledger.limits.push(limitOf('copies', { left }, range, `${left} ${what}`));
  };
  reportSkipped(keys, 'keys were not searched for in every encoding');
  reportSkipped(hits, 'further fragments of keys were not examined');
}

/** Returns the number of hits that were not examined. `single`: this is the only sweep for copies. */
async function searchGroup(
  { keys, needles, nets }: CopyNets,
  dump: OpenDump,
  ledger: Ledger,
  request: CopiesRequest,
  single: boolean,
): Promise<number> {
  const { knownPlaces, sink, signal } = request;
  const matcher = new CopyMatcher(needles, dump.view);
  const turns = new Turns(signal);
  for (const { net, needleOf, lengthOf } of nets) {
    const batches = single ? sweepWhileDecoding(dump, net, request) : sweepWhole(dump, net, request);
    for await (const { offsets, ids, to, endedAt } of batches) {
      // Unread ranges of the first sweep are in the ledger already.
      if (endedAt !== undefined && ledger.unread.length === 0)
        ledger.miss(endedAt, to - endedAt, 'could be read once, but not again to search for copies');
      for (let i = 0; i < offsets.length; i++) {
        matcher.add(offsets[i]!, needleOf(ids[i]!));
        if (turns.isDue) await turns.take();
      }
    }
    for (const { hits } of seamHits(dump, net, lengthOf)) {
      for (const { offset, id } of hits) matcher.add(offset, needleOf(id));
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  const known = keys.map(({ finding }) => knownPlaces(finding));
  for await (const copy of inTurns(matcher.finish(known), signal)) {
    const target = keys[copy.key]!;
    const occurrence = occurrenceOf(copy, dump.locate(copy.offset));
    if (target.onCopy) target.onCopy(occurrence, copy);
    else sink.copy(target.finding, occurrence);
  }
  return matcher.limited;
}

async function* sweepWhole(
  dump: OpenDump,
  net: Net,
  { pool, signal }: CopiesRequest,
): AsyncGenerator<HitBatch> {
  const range = { from: 0, to: dump.length };
  yield* pool.sweep(await dump.whole(signal), net, range, signal ? { signal } : {});
}

/** Bytes before a batch that the windows of its hits may reach. */
const BEHIND = MAX_WINDOW;

/**
 * Sweeps content while it is decoded a second time, without a spool. A failed decoding is a warning of the
 * artifact, and the findings stay. If the first sweep needed pages at seams that were not kept, the content
 * was decoded into a spool then and is swept from there. A third decoding happens only if a needle reaches a
 * page beyond the rules' literals.
 */
async function* sweepWhileDecoding(
  dump: OpenDump,
  net: Net,
  request: CopiesRequest,
): AsyncGenerator<HitBatch> {
  const again = dump.again();
  if (again === undefined) return yield* sweepWhole(dump, net, request);
  const { pool, signal } = request;
  const { decoding, end } = again;
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const options = { feed: decoding, ...(signal ? { signal } : {}) };
  try {
    for await (const batch of pool.sweep(decoding.storage, net, range, options)) {
      yield batch;
      decoding.release(Math.max(0, batch.to - BEHIND));
    }
  } catch (error) {
    if (error !== decoding.failure) throw error;
  } finally {
    await end();
  }
}
