import type { Rulebook } from '../../../detect/rulebook/rulebook.js';
import { scanBytes } from '../../../detect/rulebook/scan-bytes.js';
import { knownTest } from '../../../known/known-scanner.js';
import type { KnownTable } from '../../../known/known-table.js';

/** Rules and known secrets by which bytes are tested. */
export interface SecretSources {
  book: Rulebook;
  /** Windows of the proven keys. */
  table: KnownTable;
  /** The known values. */
  values: KnownTable;
}

/** A test of decoded bytes: true if a rule finds anything in them, or they hold a part of a known secret. */
export function secretTest({ book, table, values }: SecretSources): (bytes: Uint8Array) => boolean {
  const [holdsValue, holdsPart] = [knownTest(values), knownTest(table)];
  return (bytes) => holdsValue(bytes) || scanBytes(bytes, book).length > 0 || holdsPart(bytes);
}
