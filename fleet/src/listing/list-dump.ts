import { promises as fs } from 'node:fs';
import { failure } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import { Labelling } from './labelling.js';
import type { ListingOptions } from './list-dumps.js';
import { absolutePath, fileVersion } from './local-files.js';
import { objectError } from './object-errors.js';
import type { RemoteAccess } from './remote-access.js';
import { withoutSecretNames } from './secret-names.js';
import { fileUri, placeOf, s3Uri, shownName } from './uri.js';
import { webName } from './url-queries.js';

/**
 * The URI of one dump as it is written: a path, `s3://bucket/key` or a URL, whose query is kept for the run.
 * No globs. Throws coded errors (exit 3).
 */
export async function uriOf(input: string, { queries }: RemoteAccess): Promise<string> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(input) ?? [];
  if (bucket !== undefined && key !== undefined) return s3Uri(bucket, key);
  if (/^https?:/i.test(input)) {
    const name = webName(input);
    queries.keep(name);
    return name.uri;
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input))
    throw failure({
      code: 'wrong-url',
      message: `${shownName(input.replace(/[?#].*$/s, ''))}: this names no dump`,
      hint: 'a path, s3://bucket/key or https://host/path',
    });
  try {
    return fileUri(await absolutePath(Buffer.from(input)));
  } catch (error) {
    throw objectError('object-gone', shownName(input), 'there is no such file', error);
  }
}

/**
 * Lists one dump by its URI, as a store has it, in its present version. Undefined if its name is refused.
 * Throws coded errors: `object-gone`, `access-denied`, `object-unreachable` and others of `openDump`.
 */
export async function listDump(
  uri: string,
  { access, labels = [], signal, onNotice }: ListingOptions,
): Promise<ListedDump | undefined> {
  const found = await lookedAt(uri, access, signal);
  const [clean] = await withoutSecretNames([found], onNotice);
  return clean && new Labelling(labels, onNotice).labelled(clean);
}

async function lookedAt(
  uri: string,
  { buckets, web }: RemoteAccess,
  signal: AbortSignal | undefined,
): Promise<ListedDump> {
  const place = placeOf(uri);
  if (place?.scheme === 's3') {
    const { etag, size, mtime } = await buckets.look(place.bucket, place.key, signal);
    return { uri, version: etag, size, ...(mtime === undefined ? {} : { mtime }) };
  }
  if (place?.scheme === 'web') return { uri, ...(await web.look(uri, signal)) };
  if (place === undefined)
    throw failure({ code: 'wrong-url', message: `${shownName(uri)}: this is no dump` }, 2);
  try {
    const stats = await fs.stat(Buffer.from(place.path), { bigint: true });
    const { size, mtime } = stats;
    return { uri, version: fileVersion(stats), size: Number(size), mtime: mtime.toISOString() };
  } catch (error) {
    throw objectError('object-gone', shownName(uri), 'there is no such file', error);
  }
}
