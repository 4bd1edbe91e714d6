import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOwnFile, isSameFile } from '../core/base/runtime/draft-file.js';
import type { DumpsieveError } from '../core/base/runtime/errors.js';
import { foldersAbove, keyOfFile } from '../core/base/runtime/folders-above.js';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import type { ScanOptions } from '../core/options/check-options.js';
import { filesRead } from '../core/options/kept-files.js';
import { SCAN_OPTIONS } from '../core/options/table.js';
import { scannedFiles } from '../source/scanned-files.js';

/** A file that is to be written, and the error if it may not. `why`: as in "it is the file of --find". */
export interface OutputName {
  file: string;
  /** A file that is replaced by its successor alone: a scanned folder may hold it. */
  isSuccessor?: boolean;
  refused(why: string): DumpsieveError;
}

interface Output extends OutputName {
  stats: BigIntStats;
  /** Its folders, as keys; undefined if it has other names, by which it may lie anywhere. */
  folders: ReadonlySet<string> | undefined;
}

/**
 * Refuses outputs that the scan reads, by device and inode: files that options name, the inputs themselves,
 * and files in scanned folders, but for empty ones. Folders are walked only if an output may lie in one.
 */
export async function requireUnread(names: readonly OutputName[], options: ScanOptions): Promise<void> {
  const kept = filesRead(SCAN_OPTIONS, { ...options, config: options.configFile });
  const outputs = names.flatMap((name): Output[] => {
    const stats = statOf(name.file);
    // A terminal or socket is read and written at once, a folder is refused when it is opened.
    if (!stats?.isFile() && !stats?.isFIFO() && !stats?.isBlockDevice()) return [];
    return [{ ...name, stats, folders: options.follow ? undefined : foldersOf(name.file, stats) }];
  });
  for (const { stats, isSuccessor, refused } of outputs) {
    const use = kept.useOf(stats);
    if (use !== undefined) throw refused(`it is ${use.what}, which is read`);
    if (isSuccessor && isOwnFile(stats)) throw refused('standard output or error goes to this file');
  }
  if (outputs.length === 0) return;
  const paths = options.paths.filter((path) => outputs.some((output) => mayHold(path, output)));
  for await (const { stats, named } of scannedFiles(paths, options))
    for (const { stats: output, isSuccessor = false, refused } of outputs)
      if (isSameFile(stats, output) && (named || (output.size > 0n && !isSuccessor)))
        throw refused(named ? 'the file is to be scanned' : 'the file lies in a scanned folder');
}

function foldersOf(file: string, { nlink }: BigIntStats): ReadonlySet<string> | undefined {
  const real = nlink === 1n ? orUndefined(() => realpathSync(file)) : undefined;
  return real === undefined ? undefined : foldersAbove(dirname(real));
}

/** False for a folder in which an output does not lie. */
function mayHold(path: string | Uint8Array, { folders }: Output): boolean {
  const stats = folders && statOf(typeof path === 'string' ? path : Buffer.from(path));
  return !stats?.isDirectory() || folders!.has(keyOfFile(stats));
}

/** What cannot be looked at is reported when it is opened. */
const statOf = (name: string | Buffer): BigIntStats | undefined =>
  orUndefined(() => statSync(name, { bigint: true }));
