import { ENTRY, ROW, SERVICE, unpackTables } from './tables.js';

/**
 * Packed tables of a part of the rules that `packed` was made of. `indices`: for each of those rules its new
 * index, or -1 if it is left out: then no name leads to it. Much cheaper than to compile the part anew.
 */
export function selectTables(packed: Uint8Array, indices: Int32Array): Uint8Array {
  const selected = Uint8Array.from(packed);
  const { entries, rows, services, lists } = unpackTables(selected);
  for (let row = 0; row < rows.length; row += ROW.size)
    rows[row + ROW.rule] = indices[rows[row + ROW.rule]!]!;
  for (let service = 0; service < services.length; service += SERVICE.size)
    services[service + SERVICE.rule] = indices[services[service + SERVICE.rule]!]!;
  for (let entry = 0; entry < entries.length; entry += ENTRY.size) {
    const row = entries[entry + ENTRY.row]!;
    if (row >= 0 && rows[row * ROW.size + ROW.rule]! < 0) entries[entry + ENTRY.row] = -1;
    const first = entries[entry + ENTRY.services]!;
    const end = first + entries[entry + ENTRY.serviceCount]!;
    let to = first;
    for (let from = first; from < end; from++)
      if (services[lists[from]! * SERVICE.size + SERVICE.rule]! >= 0) lists[to++] = lists[from]!;
    entries[entry + ENTRY.serviceCount] = to - first;
  }
  return selected;
}
