import { systemCode } from '../../../src/core/base/runtime/errors.js';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { theHost } from '../host.js';
import type { Found } from './local-files.js';
import type { RemoteAccess } from './remote-access.js';
import { webName } from './url-queries.js';

/** URLs that are asked at a time. */
const AT_ONCE = 16;

/** Lists objects by their URLs, in their order. Their queries are kept for the run. */
export async function* webObjects(
  urls: readonly string[],
  { web, queries }: RemoteAccess,
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  const look = async (text: string): Promise<Found> => {
    try {
      const name = webName(text);
      queries.keep(name);
      return { type: 'dump', dump: { uri: name.uri, ...(await web.look(name.uri, signal)) } };
    } catch (error) {
      signal?.throwIfAborted();
      if (systemCode(error) === 'too-many-signed-urls') throw error;
      return { type: 'notice', notice: noticeOf(error) };
    }
  };
  const asked: Promise<Found>[] = [];
  for (const url of urls) {
    if (asked.length === AT_ONCE) yield await asked.shift()!;
    const found = look(url);
    // Awaited later: its failure, an abort, is reported then.
    found.catch(() => {});
    asked.push(found);
  }
  for (const found of asked) yield await found;
}

/** An error with one dump as a notice, so that the listing goes on. Others are thrown. */
function noticeOf(error: unknown): Warning {
  if (!(error instanceof theHost().DumpsieveError)) throw error;
  return { ...error.notice(), effect: 'incomplete' };
}
