import fs from 'node:fs';
import path from 'node:path';
import { findWriters } from '../folders/folders-writers.js';
import { draftIdOf, sealedName } from '../state/layout.js';
import type { GuardContext } from './guard-context.js';

/**
 * Takes files of the spool under a dot name whose handler was killed: what came until then is a cut dump. One
 * of which nothing came is a refusal.
 */
export async function takeOrphans({ layout, log, signal }: GuardContext): Promise<void> {
  const spool = layout.path('spool');
  const drafts = fs.readdirSync(spool).flatMap((name) => {
    const stats = name.startsWith('.')
      ? fs.lstatSync(path.join(spool, name), { bigint: true, throwIfNoEntry: false })
      : undefined;
    return stats === undefined ? [] : [{ name, dev: stats.dev, ino: stats.ino, isEmpty: stats.size === 0n }];
  });
  if (drafts.length === 0) return;
  const writers = await findWriters(drafts, signal);
  for (const draft of drafts) {
    if (writers.has(draft)) continue;
    const file = path.join(spool, draft.name);
    const id = draftIdOf(draft.name);
    if (id === undefined) layout.remove(file);
    else if (draft.isEmpty) {
      await log.append({ event: 'refused', dump: id, reason: 'handler-killed' });
      layout.remove(file);
    } else layout.rename(file, layout.path('spool', sealedName({ id, isCut: true })), true);
  }
}
