import type { Warning } from '../../core/base/runtime/warnings.js';
import { VisitedFiles } from '../../source/file-system.js';
import { names, type WalkName } from '../../source/names.js';
import type { Opener } from '../../source/opener.js';
import { Walker } from '../../source/walker.js';

/** What a walk finds below a folder. */
export type WalkedFile =
  | { type: 'file'; name: WalkName; below: WalkName }
  /** `below`: as shown. */
  | { type: 'notice'; notice: Warning; below: string };

/** Lists files and opens none. A walk of a folder offers it no pipes. */
class FileLister implements Opener<{ type: 'file'; name: WalkName }> {
  async *file(name: WalkName): AsyncGenerator<{ type: 'file'; name: WalkName }> {
    yield { type: 'file', name };
  }

  readonly pipe = nothing;
  readonly standardInput = nothing;
}

async function* nothing(): AsyncGenerator<never> {}

/** Every name of a file counts: each has its copy. Folders have one name, since no link is followed. */
class EachName extends VisitedFiles {
  override add(...[stats]: Parameters<VisitedFiles['add']>): boolean {
    super.add(stats);
    return true;
  }
}

/**
 * The files below a folder, in the order of a scan, and what is no file. Links are not followed; those that
 * lead to a file below the folder are left out.
 */
export async function* foundFiles(
  root: WalkName,
  signal: AbortSignal | undefined,
): AsyncGenerator<WalkedFile> {
  const options = { follow: false, ifNoFiles: 'error' as const, ...(signal === undefined ? {} : { signal }) };
  const walker = new Walker(options, new FileLister(), new EachName());
  for (const events of [walker.argument(asGiven(root)), walker.links()])
    for await (const event of events)
      if (event.type === 'file') yield { ...event, below: belowOf(root, event.name) };
      else {
        const { path, ...notice } = event.notice;
        yield { type: 'notice', notice, below: belowOf(names.show(root), path) || path };
      }
}

/** A walk takes bytes for a name, never for a pattern. */
function asGiven(root: WalkName): Uint8Array | string {
  const name = names.toSystem(root);
  return typeof name === 'string' ? name : new Uint8Array(name);
}

const belowOf = (root: string, name: string): string => name.slice(root.length).replace(/^\/+/, '');
