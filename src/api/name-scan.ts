import { memoryStorage } from '../base/bytes/storage.js';
import { definedFields } from '../base/runtime/defined.js';
import type { FindTarget } from '../find/find-targets.js';
import type { ScanOptions } from '../options/scan-options.js';
import { oneArtifact } from '../redact/one-artifact.js';
import { scanWithin } from './scan.js';

/** By what names are scanned, besides the built-in rules. */
export type NameRules = Pick<ScanOptions, 'ruleFolders' | 'with' | 'find'>;

/** True if a scan of the name as a text finds anything: by a rule, or one of the targets. */
export async function holdsSecret(
  name: string,
  { ruleFolders, with: enabled, find }: NameRules,
  targets: readonly FindTarget[] = [],
): Promise<boolean> {
  const sources = oneArtifact('name', memoryStorage(Buffer.from(name)));
  const options = definedFields({ ruleFolders, with: enabled, find, jobs: 1, exitZero: true });
  let isFound = false;
  for await (const event of scanWithin({ paths: ['name'], ...options }, { sources, targets })) {
    isFound ||= event.type === 'finding';
    isFound ||= event.type === 'find' && event.results.some(({ status }) => status === 'present');
  }
  return isFound;
}
