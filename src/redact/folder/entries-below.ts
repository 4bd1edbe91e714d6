import type { Warning } from '../../core/base/runtime/warnings.js';
import { failureEvent } from '../../source/failures.js';
import type { WalkName } from '../../source/names.js';
import { type FileKind, list, type Walk } from '../../source/walk.js';

/** Something that lies below a folder. */
export interface EntryBelow {
  name: WalkName;
  /** Its path below the folder. */
  below: WalkName;
  /** `unreadable`: a folder that cannot be listed. */
  kind: FileKind | 'unreadable';
  /** Why it is unreadable. */
  warning?: Warning;
}

/**
 * All that lies below a folder, folders and links too, in the order of a scan. Nothing is opened, and no link
 * is followed.
 */
export async function* entriesBelow(
  root: WalkName,
  signal: AbortSignal | undefined,
): AsyncGenerator<EntryBelow> {
  const walk: Walk = { root, pattern: '**', problems: [], enter: async () => true };
  for await (const entry of list(walk)) {
    signal?.throwIfAborted();
    yield entry;
  }
  for (const { name, error } of walk.problems) {
    const { path: _path, ...warning } = failureEvent(name, error).notice;
    yield { name, below: name.slice(root.length).replace(/^\/+/, ''), kind: 'unreadable', warning };
  }
}
