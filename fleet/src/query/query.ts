import type { ScannerOptions } from '../../../src/index.js';
import { failure } from '../host.js';
import type { FoundIn, QueryFilter, RepeatedSecret, TargetPresence } from '../model/answers.js';

export interface QueryOptions extends QueryFilter {
  store: string;
  /** Files of keys and values that are asked for. */
  key?: readonly string[];
  /** How they are read: `findPasswordFile`, `ruleFolders`. */
  scanner?: ScannerOptions;
  /** Secrets in more than one dump. */
  repeated?: boolean;
}

export interface QueryResult {
  /** With `key`: 1 present, 0 absent by complete scans, 2 neither. */
  exit: 0 | 1 | 2;
  targets?: readonly TargetPresence[];
  repeated?: readonly RepeatedSecret[];
  found?: readonly FoundIn[];
}

export async function query(_options: QueryOptions): Promise<QueryResult> {
  throw failure({ code: 'not-built', message: 'hunt query is not built yet' });
}
