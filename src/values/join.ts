import type { Tables } from './tables.js';

/** True if a run of characters has a name beside it, or the class and length of a service. */
export function joinsValue(
  _bytes: Uint8Array,
  _offset: number,
  _length: number,
  _stride: 1 | 2,
  tables: Tables,
): boolean {
  return tables.any;
}
