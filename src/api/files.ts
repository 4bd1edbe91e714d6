import type { BigIntStats } from 'node:fs';
import type { Warning } from '../core/base/runtime/warnings.js';
import { displayName } from '../core/base/text/escape.js';
import type { ScanOptions } from '../core/options/check-options.js';
import { foundFiles } from '../source/scanned-files.js';
import { warnings } from '../source/warnings.js';

export { compileGlob, type NameTest } from '../source/glob.js';

/** What a walk has found: a regular file that a scan would read, or what the scan would report. */
export type FoundFile =
  | {
      type: 'file';
      /** As bytes, since a name need not be UTF-8. Relative if the folder was. */
      path: Uint8Array;
      /** What the path leads to. */
      stats: BigIntStats;
      /** Given by name; otherwise found in a folder or by a pattern. */
      named: boolean;
    }
  | { type: 'notice'; notice: Warning & { path: string } };

/** Options of a walk: those of a scan. */
export type FileOptions = Partial<Pick<ScanOptions, 'follow' | 'include' | 'exclude' | 'signal'>>;

/**
 * Lists what `scan` would read for files, folders and globs, in its order, without opening it. Standard input
 * and FIFOs are refused. An abort of the signal is thrown as its reason.
 */
export async function* listFiles(
  paths: readonly (string | Uint8Array)[],
  options: FileOptions = {},
): AsyncGenerator<FoundFile> {
  for await (const event of foundFiles(paths, options)) {
    if (event.type === 'notice') {
      yield event;
      continue;
    }
    const { path, stats, named, isRegular } = event;
    if (isRegular && path !== undefined && stats !== undefined) yield { type: 'file', path, stats, named };
    else yield refused(path === undefined ? 'standard input' : displayName(path));
  }
}

function refused(path: string): FoundFile {
  const message = `${path}: this is no file that can be opened again`;
  const hint = 'write it into a file first';
  return { type: 'notice', notice: { ...warnings.of('device-refused', { message, hint }), path } };
}
