import { KeptFiles } from '../base/runtime/kept-files.js';
import type { OptionRow } from './table.js';

/**
 * The files that options name to be read. `values`: by their names in the table. A value that is no file (a
 * digest, the line of a public key) leads to nothing. `kept`: what else is read.
 */
export function filesRead(
  table: Readonly<Record<string, OptionRow>>,
  values: object,
  kept = new KeptFiles(),
): KeptFiles {
  const given: Readonly<Record<string, unknown>> = { ...values };
  for (const [name, { reads }] of Object.entries(table)) {
    if (reads === undefined) continue;
    for (const file of [given[name] ?? []].flat()) if (typeof file === 'string') kept.addName(file, reads);
  }
  return kept;
}
