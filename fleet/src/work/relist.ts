import { fileURLToPath } from 'node:url';
import type { Label } from '../listing/label.js';
import { listDumps } from '../listing/list-dumps.js';
import type { StoredDump } from '../model/dump.js';
import type { Run } from './run.js';
import { isLocal } from './scope.js';

/** Lists one dump again, in its present version. False if it is gone, or cannot be listed. */
export function relister(run: Run, labels: readonly Label[]): (dump: StoredDump) => Promise<boolean> {
  return async ({ uri }) => {
    const now = new Date().toISOString();
    const listing = listDumps([inputOf(uri)], {
      access: run.access,
      labels,
      onNotice: ({ effect: _effect, ...notice }) => run.notices.add(notice, uri),
    });
    let isListed = false;
    for await (const dumps of listing) {
      isListed ||= dumps.some((each) => each.uri === uri);
      await run.store.list(dumps, now);
    }
    return isListed;
  };
}

/** A URI as somebody would give it: a path for what is on a disk of this host. */
function inputOf(uri: string): string {
  if (!isLocal(uri)) return uri;
  const path = new URL(uri);
  path.host = '';
  return fileURLToPath(path);
}
