import { promises as fs } from 'node:fs';
import { hostname } from 'node:os';
import { nameBytes } from '../../../src/core/base/text/escape.js';
import type { ListedDump } from '../model/dump.js';
import { fileVersion } from './local-files.js';
import type { ReportedFile } from './reported-files.js';
import { fileUri, s3Uri } from './uri.js';
import { webName } from './url-queries.js';

/** The host of a file of a report that is neither of this machine nor labelled. */
const UNKNOWN_HOST = 'unknown';

/**
 * URI and version of a dump that a report names. A file of this machine is one only if it still has the size
 * and time of the report. Without a digest of the content the version is no version of a listing, so that the
 * dump is scanned when it is listed.
 */
export async function reportedPlace(
  file: ReportedFile,
  host: string | undefined,
): Promise<Pick<ListedDump, 'uri' | 'version'>> {
  const { path, size, mtime, sha256 } = file;
  const version = `report:${sha256 ?? `${size};${mtime ?? ''}`}`;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (bucket !== undefined && key !== undefined)
    return { uri: s3Uri(bucket, Buffer.from(nameBytes(key)).toString()), version };
  if (/^https:\/\//.test(path)) return { uri: webName(path).uri, version };
  const name = nameBytes(path);
  const here = await ofThisMachine(name, file);
  if (here !== undefined) return { uri: here.uri, version: sha256 === undefined ? version : here.version };
  const absolute = Buffer.concat([Buffer.from(path.startsWith('/') ? '' : '/'), name]);
  return { uri: fileUri(absolute, encodeURIComponent(host ?? UNKNOWN_HOST)), version };
}

/** Undefined if there is no such file here, or another one. */
async function ofThisMachine(
  name: Uint8Array,
  { size, mtime }: ReportedFile,
): Promise<Pick<ListedDump, 'uri' | 'version'> | undefined> {
  try {
    const real = await fs.realpath(Buffer.from(name), { encoding: 'buffer' });
    const stats = await fs.stat(real, { bigint: true });
    if (!stats.isFile() || Number(stats.size) !== size || stats.mtime.toISOString() !== mtime)
      return undefined;
    return { uri: fileUri(real, hostname()), version: fileVersion(stats) };
  } catch {
    return undefined;
  }
}
