import type { Storage } from '../core/base/bytes/storage.js';
import type { Sources } from '../source/sources.js';

/** Stored bytes as the only artifact of a scan. `path`: as shown. */
export function oneArtifact(path: string, storage: Storage, mtime?: Date): Pick<Sources, 'open' | 'left'> {
  const artifact = {
    ...{ path, storage, mtime },
    ...{ unread: [], warnings: [], live: false, close() {} },
  };
  return {
    async *open() {
      yield { type: 'opened' as const, artifact, async *inside() {}, close() {} };
    },
    async *left() {},
  };
}
