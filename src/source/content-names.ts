import { displayName } from '../core/base/text/escape.js';
import { contentSuffixes } from './containers/containers.js';
import type { DecodeReport } from './containers/decoding/decoder.js';
import { baseName } from './names.js';
import type { StoredBytes } from './stored-bytes.js';

/** What a container's content is called, as shown. */
interface ContentNames {
  path: string;
  /** Name of what it contains in turn, if that has none. */
  contentName: string;
}

/**
 * The content of a container at `path`. `stated`: its name in the container, if it has one; `expected`: the
 * name otherwise.
 */
function contentNames(
  path: string,
  stated: Uint8Array | undefined,
  expected: string | undefined,
): ContentNames {
  const shown = baseNameIn(stated) ?? expected ?? withoutSuffix(baseName(path));
  return { path: `${path}!${shown}`, contentName: withoutSuffix(shown) };
}

/** A member of the archive at `path`: its whole name, escaped, since it may have any bytes. */
export function memberNames(path: string, name: Uint8Array): ContentNames {
  const shown = displayName(name);
  return { path: `${path}!${shown}`, contentName: withoutSuffix(baseName(shown)) };
}

/** Name and time of a container's content. The time is at most the container's, whatever its header says. */
export function named(
  { path, mtime, contentName }: StoredBytes,
  { name, mtime: stated }: DecodeReport,
): Pick<StoredBytes, 'path' | 'contentName' | 'mtime'> {
  return { ...contentNames(path, name, contentName), mtime: earlier(mtime, stated) };
}

/** The time that a container states for its content, unless that is later than its own. */
export const earlier = (own: Date | undefined, stated = own): Date | undefined =>
  own && stated && stated > own ? own : stated;

/** The name in a gzip header, unless it is a path or empty, which would mislead. */
function baseNameIn(name: Uint8Array | undefined): string | undefined {
  if (name === undefined || name.length === 0 || name.length > 255) return undefined;
  const shown = displayName(name);
  return /^\.{1,2}$|[/\\]/.test(Buffer.from(name).toString('latin1')) ? undefined : shown;
}

/** `core.zst` contains `core`, `dump.tgz` contains `dump.tar`. */
function withoutSuffix(name: string): string {
  const dot = name.lastIndexOf('.');
  const instead = dot > 0 ? contentSuffixes.get(name.slice(dot).toLowerCase()) : undefined;
  return instead === undefined ? name : name.slice(0, dot) + instead;
}
