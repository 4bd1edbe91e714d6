/** What values are joined with; written by the build, read once a thread. */
export interface JoinTables {
  /** Whether there is anything to join. */
  any: boolean;
}

export const parseJoinTables = (json: string): JoinTables => ({ any: json.length > 2 });

/** True if a run of characters has a name beside it, or the class and length of a service. */
export function joinsValue(
  _bytes: Uint8Array,
  _start: number,
  _length: number,
  _stride: 1 | 2,
  tables: JoinTables,
): boolean {
  return tables.any;
}
