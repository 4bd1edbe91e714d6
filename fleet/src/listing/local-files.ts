import { type BigIntStats, promises as fs } from 'node:fs';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { theHost } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import { fileUri } from './uri.js';

/** What was found, dump by dump, or a notice. */
export type Found =
  | { type: 'dump'; dump: ListedDump }
  | { type: 'notice'; notice: Warning }
  /** A file without content that was not named: counted. */
  | { type: 'empty' }
  /** Everything with this prefix was listed. */
  | { type: 'whole'; prefix: string };

/** What changes when the content changes; the time of change cannot be set back. */
export const fileVersion = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string =>
  `${size}-${mtimeNs}-${ctimeNs}-${ino}`;

const SLASH = 0x2f;

/** Absolute paths of files, through their folders' real paths: `..` may follow a link. */
class AbsolutePaths {
  /** The last folder, as given and real: a walk goes folder by folder. */
  #folder: Buffer | undefined;
  #real = Buffer.alloc(0);

  async of(path: Uint8Array): Promise<Buffer> {
    const end = path.lastIndexOf(SLASH);
    const folder = Buffer.from(end < 0 ? '.' : end === 0 ? '/' : path.subarray(0, end));
    if (this.#folder === undefined || !this.#folder.equals(folder)) {
      this.#real = await fs.realpath(folder, { encoding: 'buffer' });
      this.#folder = folder;
    }
    const name = path.subarray(end + 1);
    return Buffer.concat([this.#real, Buffer.from(this.#real.at(-1) === SLASH ? '' : '/'), name]);
  }
}

/** The absolute path of a file, through its folder's real path. */
export const absolutePath = (path: Uint8Array): Promise<Buffer> => new AbsolutePaths().of(path);

/** Lists what paths and globs name on this machine, as a scan would read it. */
export async function* localFiles(
  paths: readonly (string | Uint8Array)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  const absolute = new AbsolutePaths();
  let isWhole = true;
  for await (const found of theHost().listFiles(paths, signal === undefined ? {} : { signal })) {
    if (found.type === 'notice') {
      isWhole &&= found.notice.effect === 'note';
      yield { type: 'notice', notice: found.notice };
      continue;
    }
    const { path, stats, named } = found;
    if (stats.size === 0n && !named) {
      yield { type: 'empty' };
      continue;
    }
    const uri = fileUri(await absolute.of(path));
    const dump = { uri, version: fileVersion(stats), size: Number(stats.size) };
    yield { type: 'dump', dump: { ...dump, mtime: stats.mtime.toISOString() } };
  }
  if (!isWhole) return;
  for (const path of paths) {
    const prefix = await folderPrefix(path);
    if (prefix !== undefined) yield { type: 'whole', prefix };
  }
}

/** The prefix of what lies in a folder; undefined for a file or glob. */
async function folderPrefix(path: string | Uint8Array): Promise<string | undefined> {
  try {
    const real = await fs.realpath(typeof path === 'string' ? path : Buffer.from(path), {
      encoding: 'buffer',
    });
    if (!(await fs.stat(real)).isDirectory()) return undefined;
    return fileUri(real).replace(/\/?$/, '/');
  } catch {
    return undefined;
  }
}
