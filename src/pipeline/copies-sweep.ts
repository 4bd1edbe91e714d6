import { setImmediate } from 'node:timers/promises';
import { CopyMatcher } from '../copies/copy-matcher.js';
import type { CopyNets } from '../copies/copy-nets.js';
import { MAX_WINDOW } from '../formats/memory/view.js';
import { occurrenceOf } from '../model/occurrence.js';
import type { Extent } from '../model/report.js';
import type { HitBatch, Net } from '../sweep/types.js';
import type { Ledger } from './ledger.js';
import type { Opened } from './open-dump.js';
import type { ScanSession } from './scan-session.js';
import { seamHits } from './seams.js';

/**
 * The second sweep, once for each group of keys: every private component of every proven key and everything that is asked
 * for, in every encoding, outside of what is reported already. A clean dump of which nothing is asked never comes here.
 */
export async function searchCopies(
  opened: Opened,
  ledger: Ledger,
  run: ScanSession,
  known: (finding: string) => readonly Extent[],
): Promise<void> {
  let [keys, hits] = [0, 0];
  const groups = run.keys.groups();
  const once = groups.flatMap(({ nets }) => nets).length === 1;
  for (const group of groups) {
    hits += await searchGroup(group, opened, ledger, run, known, once);
    if (!group.needles.complete) keys += group.keys.length;
  }
  const range = { offset: 0, length: opened.length, search: 'copies' };
  if (keys > 0)
    ledger.limits.push({ ...range, reason: `${keys} keys were not looked for in every encoding` });
  if (hits > 0) ledger.limits.push({ ...range, reason: `${hits} further pieces of keys were not looked at` });
}

/** One sweep; how many hits it did not look at. */
async function searchGroup(
  { keys, needles, nets }: CopyNets,
  opened: Opened,
  ledger: Ledger,
  run: ScanSession,
  known: (finding: string) => readonly Extent[],
  once: boolean,
): Promise<number> {
  const matcher = new CopyMatcher(needles, opened.view);
  for (const { net, needleOf, lengthOf } of nets) {
    const batches = once ? sweepOnce(opened, net, run) : sweepWhole(opened, net, run);
    for await (const { offsets, ids, to, endedAt } of batches) {
      // What the first sweep could not read is told already.
      if (endedAt !== undefined && ledger.unread.length === 0)
        ledger.miss(endedAt, to - endedAt, 'could be read once and not again, for copies');
      for (let i = 0; i < offsets.length; i++) matcher.add(offsets[i]!, needleOf(ids[i]!));
    }
    for (const hits of seamHits(opened, net, lengthOf)) {
      for (const { offset, id } of hits) matcher.add(offset, needleOf(id));
      await setImmediate();
      run.options.signal?.throwIfAborted();
    }
  }
  for (const copy of matcher.finish(keys.map(({ finding }) => known(finding)))) {
    const { finding, found } = keys[copy.key]!;
    const occurrence = occurrenceOf(copy, opened.locate(copy.offset));
    if (found) found(occurrence, copy);
    else run.fold.occur(finding, occurrence);
  }
  return matcher.limited;
}

async function* sweepWhole(
  opened: Opened,
  net: Net,
  { pool, options }: ScanSession,
): AsyncGenerator<HitBatch> {
  const { signal } = options;
  const range = { from: 0, to: opened.length };
  yield* pool.sweep(await opened.whole(signal), net, range, signal ? { signal } : {});
}

/** Bytes before a batch that the windows of its hits may reach. */
const BEHIND = MAX_WINDOW;

/**
 * The only sweep for copies: what was decoded once is swept while it is decoded again, and needs no room. A thread that fails at that
 * is the artifact's trouble: what was found stays. Seams whose pages were not kept were decoded into a file when the first sweep read
 * them, and all is swept from there; only where a needle reaches a page further than the rules' literals is there a third decoding.
 */
async function* sweepOnce(opened: Opened, net: Net, run: ScanSession): AsyncGenerator<HitBatch> {
  const again = opened.again();
  if (again === undefined) return yield* sweepWhole(opened, net, run);
  const { pool, options } = run;
  const { decoding, end } = again;
  const signal = options.signal ? { signal: options.signal } : {};
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  try {
    for await (const batch of pool.sweep(decoding.storage, net, range, { feed: decoding, ...signal })) {
      yield batch;
      decoding.release(Math.max(0, batch.to - BEHIND));
    }
  } catch (error) {
    if (error !== decoding.failure) throw error;
  } finally {
    await end();
  }
}
