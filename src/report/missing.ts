import type { ArtifactReport } from '../model/report.js';
import { plural } from './text.js';

/** Ranges of one cause that are written out where there are more. */
const SHOWN = 2;

type Missing = NonNullable<ArtifactReport['coverage']['memory']>['missing'][number];

/**
 * What of the memory that a dump describes is not in it, a line each: a cut core lacks hundreds of mappings for one cause, of which the
 * first two say where it begins, and the sum how much it is.
 */
export function* missingLines(missing: readonly Missing[]): Generator<string> {
  const byReason = new Map<string, Missing[]>();
  for (const each of missing) {
    const known = byReason.get(each.reason);
    if (known) known.push(each);
    else byReason.set(each.reason, [each]);
  }
  for (const [reason, all] of byReason) {
    const shown = all.length > SHOWN + 1 ? all.slice(0, SHOWN) : all;
    for (const { address, length } of shown)
      yield `${plural(length, 'byte')} of memory at ${address}: ${reason}`;
    const more = all.slice(shown.length);
    const bytes = more.reduce((sum, { length }) => sum + length, 0);
    if (more.length > 0)
      yield `${plural(bytes, 'byte')} of memory in ${more.length} further ranges: ${reason}`;
  }
}
