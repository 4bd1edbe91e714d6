import { type BigIntStats, statSync } from 'node:fs';
import type { DumpsieveError } from '../base/runtime/errors.js';
import { isSameFile } from '../base/runtime/own-files.js';
import { filesRead } from '../options/kept-files.js';
import type { ScanOptions } from '../options/scan-options.js';
import { SCAN_OPTIONS } from '../options/table.js';
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
}

/**
 * Refuses outputs that the scan reads, by device and inode: files that options name, the inputs themselves,
 * and files in scanned folders, but for empty ones. Only where an output is there are the folders walked.
 */
export async function requireUnread(names: readonly OutputName[], options: ScanOptions): Promise<void> {
  const kept = filesRead(SCAN_OPTIONS, { ...options, config: options.configFile });
  const outputs = names.flatMap((name): Output[] => {
    const stats = statOf(name.file);
    // A terminal or socket is read and written at once, a folder is refused when it is opened.
    return stats?.isFile() || stats?.isFIFO() || stats?.isBlockDevice() ? [{ ...name, stats }] : [];
  });
  for (const { stats, refused } of outputs) {
    const use = kept.useOf(stats);
    if (use !== undefined) throw refused(`it is ${use.what}, which is read`);
  }
  if (outputs.length === 0) return;
  for await (const { stats, named } of scannedFiles(options.paths, options))
    for (const { stats: output, isSuccessor = false, refused } of outputs)
      if (isSameFile(stats, output) && (named || (output.size > 0n && !isSuccessor)))
        throw refused(named ? 'the file is to be scanned' : 'the file lies in a scanned folder');
}

function statOf(name: string): BigIntStats | undefined {
  try {
    return statSync(name, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Opening it says why.
    return undefined;
  }
}
