import type { BigIntStats } from 'node:fs';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, reasonOf, systemCode } from '../core/base/runtime/errors.js';
import { tryTo } from '../core/base/runtime/try-to.js';
import { close, fstat, lstat, open, openDirect, stat } from '../source/file-system.js';
import { FileWatch, targetOf } from '../source/file-watch.js';
import { nameOf, names } from '../source/names.js';
import { emptyInput, failed, requireNoChange, type StoredInput } from './stored-input.js';

/** Opens a regular file, once. Throws where that is not possible. `follow`: its name may be a link. */
export async function openInputFile(path: string | Uint8Array, follow: boolean): Promise<StoredInput> {
  const name = nameOf(path);
  const shown = names.show(name);
  let fd: number | undefined;
  try {
    const found = await (follow ? stat : lstat)(name);
    const target = follow ? targetOf(name) : undefined;
    fd = await open(name, follow);
    const stats = await fstat(fd);
    if (!stats.isFile())
      throw failed(
        'input-no-file',
        `${shown}: not a regular file`,
        'name the file of one dump, or pipe it: … | dumpsieve redact - -o COPY',
        3,
      );
    if (stats.size === 0n) throw emptyInput(shown);
    return await inputFile(shown, fd, stats, new FileWatch(fd, stats, { name, stats: found, target }));
  } catch (error) {
    if (fd !== undefined) close(fd);
    if (error instanceof DumpsieveError) throw error;
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
    const hint = isMissing ? 'check the path' : 'run as its owner or as root, or copy it first';
    throw failed(
      'input-unreadable',
      `${shown}: it cannot be opened (${reasonOf(error)})`,
      hint,
      isMissing ? 3 : 2,
    );
  }
}

async function inputFile(
  shown: string,
  fd: number,
  stats: BigIntStats,
  watch: FileWatch,
): Promise<StoredInput> {
  const direct = await openDirect(fd, stats);
  return {
    shown,
    storage: { kind: 'file', fd, length: Number(stats.size), ...definedFields({ direct }) },
    file: stats,
    mtime: stats.mtime,
    requireUnchanged: () => requireNoChange(watch),
    close() {
      for (const each of [fd, direct]) if (each !== undefined) tryTo(() => close(each));
    },
  };
}
