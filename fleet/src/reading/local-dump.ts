import { createHash } from 'node:crypto';
import { type BigIntStats, promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { reasonOf, systemCode } from '../../../src/core/base/runtime/errors.js';
import { failure } from '../host.js';
import { fileVersion } from '../listing/local-files.js';
import { objectError } from '../listing/object-errors.js';
import { type Place, shownName } from '../listing/uri.js';
import type { StoredDump } from '../model/dump.js';
import type { OpenedDump, OpeningOptions } from './open-dump.js';

/** Bytes that are read and hashed at once: about 2 ms. */
const CHUNK = 1 << 20;

type FilePlace = Extract<Place, { scheme: 'file' }>;

/** A file of this machine, which its child opens by its path. */
export async function openLocal(
  dump: StoredDump,
  { host, path }: FilePlace,
  { signal, hash = false }: Pick<OpeningOptions, 'signal' | 'hash'>,
): Promise<OpenedDump> {
  const shown = shownName(dump.uri);
  if (host !== hostname())
    throw failure(
      {
        code: 'other-machine',
        message: `${shown}: this file is on ${host}, and this is ${hostname()}`,
        hint: 'scan it there',
      },
      2,
    );
  const requireSame = async (): Promise<void> => {
    const stats = await orCoded(() => fs.stat(Buffer.from(path), { bigint: true }), shown);
    if (!stats.isFile() || fileVersion(stats) !== dump.version)
      throw objectError('object-replaced', shown, 'it has changed since it was listed');
  };
  await requireSame();
  const sha256 = hash ? await orCoded(() => digestOf(path, dump, shown, signal), shown) : undefined;
  return {
    source: path,
    ...(sha256 === undefined ? {} : { sha256 }),
    version: dump.version,
    size: dump.size,
    requireSame,
    close: () => {},
  };
}

/** The hexadecimal SHA-256 of a file. Throws if it changes meanwhile. */
async function digestOf(
  path: Uint8Array,
  { version, size }: StoredDump,
  shown: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = await fs.open(Buffer.from(path), 'r');
  try {
    // One byte more than it has, so that the second read is its end: 1 MiB for each small file costs more
    // in the garbage collector than its scan.
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, size + 1));
    const digest = createHash('sha256');
    for (let at = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      digest.update(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
    chunk.fill(0);
    const stats: BigIntStats = await file.stat({ bigint: true });
    if (fileVersion(stats) !== version)
      throw objectError('object-replaced', shown, 'it has changed since it was listed');
    return digest.digest('hex');
  } finally {
    await file.close();
  }
}

/** What a system error means for a dump: one that cannot be read now may be later. */
async function orCoded<T>(call: () => Promise<T>, shown: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    const why = `it cannot be read (${reasonOf(error)})`;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw objectError('object-gone', shown, why, error);
    if (code === 'EACCES' || code === 'EPERM') throw objectError('access-denied', shown, why, error);
    throw objectError('object-unreachable', shown, why, error);
  }
}
