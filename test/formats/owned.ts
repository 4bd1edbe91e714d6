import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { atOnce } from '../../src/core/base/runtime/turns.js';
import { openDump } from '../../src/formats/formats.js';
import type {
  HeldObject,
  ObjectQuery,
  Owned,
  OwnersEnd,
  RandomRuns,
} from '../../src/formats/memory/types.js';

const NO_RUNS: RandomRuns = { offsets: new Float64Array(0), lengths: new Uint32Array(0) };

/** What holds the values of runs; empty for a dump that is damaged beyond its format. */
export function ownedIn(dump: Buffer, runs: RandomRuns, mayName: (name: string) => boolean): Owned[] {
  const search = openDump(bufferReader(dump)).owners?.(runs, mayName, []);
  if (search === undefined) return [];
  return [...atOnce(search)].map((found) => {
    if ('query' in found) throw new Error('an object without a query');
    return found;
  });
}

/** The objects of classes that are asked for, and what was left out. */
export function objectsIn(
  dump: Buffer,
  queries: readonly ObjectQuery[],
  runs = NO_RUNS,
): { objects: HeldObject[]; end: OwnersEnd } {
  const objects: HeldObject[] = [];
  const search = openDump(bufferReader(dump)).owners?.(runs, () => false, queries);
  for (;;) {
    const { done, value } = search?.next() ?? { done: true, value: { left: 0, warnings: [] } };
    if (done) return { objects, end: value };
    if (value && 'query' in value) objects.push(value);
  }
}
