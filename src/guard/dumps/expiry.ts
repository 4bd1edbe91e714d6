import fs from 'node:fs';
import type { FolderName } from '../state/layout.js';
import type { GuardContext } from './guard-context.js';

const ID = /^\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}/;

/** Removes what the policy keeps no longer, each dump with an entry before. */
export async function expire({
  policy,
  layout,
  log,
}: Pick<GuardContext, 'policy' | 'layout' | 'log'>): Promise<void> {
  for (const [folder, kept] of [
    ['out', policy.retain.out],
    ['quarantine', policy.retain.quarantine],
  ] as const) {
    if (kept === undefined) continue;
    for (const [id, names] of expired(layout.path(folder), kept)) {
      await log.append({ event: 'expired', dump: id, where: folder satisfies FolderName });
      layout.remove(...names.map((name) => layout.path(folder, name)));
    }
  }
}

/** Dumps all of whose files are older than `kept` milliseconds. */
function expired(folder: string, kept: number): Map<string, string[]> {
  const dumps = new Map<string, string[]>();
  const young = new Set<string>();
  for (const name of fs.readdirSync(folder)) {
    const id = ID.exec(name)?.[0];
    if (id === undefined) continue;
    dumps.set(id, [...(dumps.get(id) ?? []), name]);
    const stats = fs.lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
    if (stats === undefined || Date.now() - stats.ctimeMs < kept) young.add(id);
  }
  for (const id of young) dumps.delete(id);
  return dumps;
}
