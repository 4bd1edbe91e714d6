import type { Warning } from '../../../src/base/runtime/warnings.js';
import { failure } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import type { Label } from './label.js';
import type { RemoteAccess } from './remote-access.js';

/** Dumps of one batch at most. */
export const BATCH = 1000;

export interface ListingOptions {
  access: RemoteAccess;
  labels?: readonly Label[];
  signal?: AbortSignal;
  /**
   * What could not be listed, or is refused. `effect: 'incomplete'` makes the exit status 2. Of each code the
   * first 100 come one by one, and the others as one notice at the end.
   */
  onNotice: (notice: Warning) => void;
  /**
   * Everything below this prefix of URIs was listed: what is in the store and was not listed now is gone.
   * Never called for a glob, or where something could not be read.
   */
  onWhole?: (prefix: string) => void;
}

/**
 * Lists what paths, globs, `s3://…`, `https://…` and `@list` name, at most 1,000 dumps at a time, and reads
 * nothing of them. Throws coded errors (exit 3) for what is wrong with an input as it is written.
 */
export async function* listDumps(
  _inputs: readonly string[],
  _options: ListingOptions,
): AsyncGenerator<readonly ListedDump[]> {
  yield [];
  throw failure({ code: 'not-built', message: 'listings are not built yet' });
}
