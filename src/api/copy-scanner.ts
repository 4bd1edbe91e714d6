import { definedFields } from '../core/base/runtime/defined.js';
import type { RedactOptions } from '../core/options/check-options.js';
import { Scanner } from '../scan/scanner.js';

/** The scanner of one copy, or of all copies of a folder. What counts does not matter: all is filled. */
export function openCopyScanner(options: Omit<RedactOptions, 'input'>): Promise<Scanner> {
  const { ruleFolders, with: enabled, effort, find, acceptLimits, jobs } = options;
  const own = { ruleFolders, with: enabled, effort, find, acceptLimits, jobs };
  return Scanner.within({ ...definedFields(own), exitZero: true, strict: true });
}
