import fs from 'node:fs';
import path from 'node:path';
import { findWriters, type SoughtFile } from '../folders/folders-writers.js';
import { draftIdOf, infoIdOf, sealedName } from '../state/layout.js';
import type { GuardContext } from './guard-context.js';

/** Milliseconds after which what was noted of a process has no dump any more: the handler gives up before. */
const LONGEST = 15 * 60_000;

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
  if (drafts.length > 0) await takeDrafts(drafts, { layout, log, signal });
  await refuseAlone({ layout, log });
}

interface Draft extends SoughtFile {
  isEmpty: boolean;
}

async function takeDrafts(
  drafts: readonly Draft[],
  { layout, log, signal }: Pick<GuardContext, 'layout' | 'log' | 'signal'>,
): Promise<void> {
  const spool = layout.path('spool');
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

/** Facts of a process whose handler was killed before its dump had a byte. */
async function refuseAlone({ layout, log }: Pick<GuardContext, 'layout' | 'log'>): Promise<void> {
  const names = fs.readdirSync(layout.path('spool'));
  for (const name of names) {
    const id = infoIdOf(name);
    if (id === undefined || names.some((each) => each !== name && each.includes(id))) continue;
    const file = layout.path('spool', name);
    const stats = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined || Date.now() - stats.mtimeMs < LONGEST) continue;
    await log.append({ event: 'refused', dump: id, reason: 'handler-killed' });
    layout.remove(file);
  }
}
