import { CopyMatcher } from '../copies/copies.js';
import { componentNeedles } from '../copies/needles.js';
import type { Extent } from '../model.js';
import { compileNeedles } from '../sweep/needles.js';
import type { RingKey } from './key-ring.js';
import type { Ledger } from './ledger.js';
import type { Opened } from './opened.js';
import type { Run } from './run.js';
import { seamHits } from './seams.js';

/**
 * The second sweep: every private component of every proven key, in every encoding, outside of what is reported already.
 * A clean dump never comes here.
 */
export async function searchCopies(
  opened: Opened,
  ledger: Ledger,
  run: Run,
  keys: readonly RingKey[],
  known: (finding: string) => readonly Extent[],
): Promise<void> {
  const needles = componentNeedles(keys);
  if (needles.size === 0) return;
  const literals = needles.literals();
  const net = compileNeedles(literals);
  const matcher = new CopyMatcher(needles, opened.view);
  const { signal } = run.options;
  const range = { from: 0, to: opened.length };
  for await (const { offsets, ids } of run.pool.sweep(opened.storage, net, range, signal ? { signal } : {})) {
    for (let i = 0; i < offsets.length; i++) matcher.add(offsets[i]!, ids[i]! >> 1);
  }
  const seams = seamHits(opened, net, (id) => literals[id >> 1]?.length ?? 0);
  for (const { offset, id } of seams) matcher.add(offset, id >> 1);
  for (const {
    key,
    component,
    encoding,
    wide,
    offset,
    length,
    extents,
    partial,
    notAdjacentInMemory,
  } of matcher.finish(keys.map(({ finding }) => known(finding)))) {
    const { address, region } = opened.place(offset);
    const { addressSpace } = opened.dump;
    run.fold.occur(keys[key]!.finding, {
      artifact: opened.index,
      offset,
      length,
      ...(address === undefined ? {} : { address: `0x${address.toString(16)}` }),
      component,
      encoding,
      ...(wide === undefined ? {} : { wide }),
      ...(partial ? { partial } : {}),
      ...(extents.length > 1 ? { extents } : {}),
      ...(notAdjacentInMemory ? { notAdjacentInMemory } : {}),
      ...(addressSpace === undefined ? {} : { addressSpace }),
      region,
    });
  }
  const left = needles.dropped + matcher.limited;
  if (left > 0) {
    ledger.limits.push({
      offset: 0,
      length: opened.length,
      search: 'copies',
      reason: `${left} pieces of keys were not looked for`,
    });
  }
}
