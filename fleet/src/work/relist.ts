import type { Label } from '../listing/label.js';
import { listDumps } from '../listing/list-dumps.js';
import { placeOf } from '../listing/uri.js';
import type { StoredDump } from '../model/dump.js';
import type { Run } from './run.js';

/** Lists one dump again, in its present version. False if it is gone, or cannot be listed. */
export function relister(run: Run, labels: readonly Label[]): (dump: StoredDump) => Promise<boolean> {
  return async ({ uri }) => {
    const place = placeOf(uri);
    const input = place?.scheme === 'file' ? Buffer.from(place.path).toString() : uri;
    const now = new Date().toISOString();
    const listing = listDumps([input], {
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
