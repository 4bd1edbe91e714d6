import type { ArtifactReport } from '../core/model/report.js';
import { plural } from './text.js';

/** Ranges of one reason that are written out if there are more. */
const SHOWN = 2;

type Missing = NonNullable<ArtifactReport['coverage']['memory']>['missing'][number];

/**
 * Lines about memory that a dump describes but does not contain. A truncated core can lack hundreds of
 * mappings for one reason: the first two are listed, the others summed up.
 */
export function* missingMemoryLines(missing: readonly Missing[]): Generator<string> {
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
