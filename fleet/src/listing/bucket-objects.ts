import { type Host, theHost } from '../host.js';
import type { Buckets, ListedObject } from './buckets.js';
import type { Found } from './local-files.js';
import { s3Uri } from './uri.js';

/** Characters of a key that make it a glob. */
const SPECIAL = /[*?[{\\]/;

/**
 * Lists `s3://bucket/prefix`, or what matches `s3://bucket/glob`. A bucket that cannot be listed is a notice.
 */
export async function* bucketObjects(
  given: string,
  buckets: Buckets,
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  try {
    yield* objectsOf(given, buckets, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof theHost().DumpsieveError) || error.exit === 3) throw error;
    yield { type: 'notice', notice: { ...error.notice(), effect: 'incomplete' } };
  }
}

async function* objectsOf(
  given: string,
  buckets: Buckets,
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(given) ?? [];
  const special = key.search(SPECIAL);
  const prefix = special < 0 ? key : key.slice(0, special);
  // With a slash first the glob is about the whole key.
  const matches = special < 0 ? undefined : theHost().compileGlob(`/${key}`);
  let listed = 0;
  let markers = 0;
  let isWhole = true;
  for await (const objects of buckets.list(bucket, prefix, signal))
    for (const object of objects) {
      if (matches !== undefined && !isMatch(matches, object.key)) continue;
      listed++;
      const found = foundObject(bucket, object);
      if (found === undefined) markers++;
      else yield found;
      isWhole &&= found?.type !== 'notice';
    }
  if (markers > 0) yield note('folder-markers', `s3://${bucket}: ${markers} empty objects stand for folders`);
  if (listed === 0)
    yield {
      type: 'notice',
      notice: {
        code: 'no-files',
        effect: 'incomplete',
        message: `${s3Uri(bucket, key)}: no object is there`,
        hint: 'check the prefix',
      },
    };
  if (matches === undefined && isWhole) yield { type: 'whole', prefix: s3Uri(bucket, prefix) };
}

const note = (code: string, message: string): Found => ({
  type: 'notice',
  notice: { code, effect: 'note', message },
});

/** Globs have components; a key may begin or end with a slash, or have two in a row. */
const isMatch = (matches: ReturnType<Host['compileGlob']>, key: string): boolean =>
  matches(
    key
      .split('/')
      .filter((part) => part !== '')
      .join('/'),
  );

/** Undefined for an empty object whose key ends with `/`: consoles create one for each folder. */
function foundObject(bucket: string, { key, size, etag, mtime }: ListedObject): Found | undefined {
  if (size === 0) return key.endsWith('/') ? undefined : { type: 'empty' };
  const uri = s3Uri(bucket, key);
  if (etag !== '')
    return {
      type: 'dump',
      dump: { uri, version: etag, size, ...(mtime === undefined ? {} : { mtime }) },
    };
  const message = `${uri}: it has no ETag, so that a replaced object would not be noticed: not listed`;
  return { type: 'notice', notice: { code: 'object-refused', effect: 'incomplete', message } };
}
