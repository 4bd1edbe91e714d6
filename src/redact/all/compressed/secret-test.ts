import type { Secret } from '../../../base/crypto/secret.js';
import { ValueIndex } from '../../../known/value-index.js';
import type { WindowTable } from '../../../known/window-table.js';
import type { Rulebook } from '../../../rulebook/rulebook.js';
import { scanBytes } from '../../../rulebook/scan-bytes.js';
import { holdsWindow } from './holds-window.js';

/** Rules and known secrets by which bytes are tested. */
export interface SecretSources {
  book: Rulebook;
  /** Of the proven keys. */
  table: WindowTable;
  values: readonly Secret[];
}

/** A test of decoded bytes: true if a rule finds anything in them, or they hold a part of a known secret. */
export function secretTest({ book, table, values }: SecretSources): (bytes: Uint8Array) => boolean {
  const known = new ValueIndex(values);
  return (bytes) => known.isIn(bytes) || scanBytes(bytes, book).length > 0 || holdsWindow(bytes, table);
}
