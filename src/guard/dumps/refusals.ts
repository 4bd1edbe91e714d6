import { refusals } from '../state/refused.js';
import type { DumpLog } from './dump-history.js';

/** Notes in the log how many dumps the handler has refused since the last look. */
export async function countRefusals(state: string, log: DumpLog): Promise<void> {
  for (const [reason, total] of refusals(state)) {
    const known = log.refused(reason);
    if (total === known) continue;
    // A file with fewer lines was begun anew.
    await log.append({ event: 'refused', reason, count: total > known ? total - known : total, total });
  }
}
