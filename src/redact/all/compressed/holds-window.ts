import { scannable, WindowScanner } from '../../../known/window-scanner.js';
import { TEXT_KEY, type WindowTable } from '../../../known/window-table.js';

/** True if bytes hold a part of a known key. Those at the start of memory with room behind are not copied. */
export function holdsWindow(bytes: Uint8Array, table: WindowTable): boolean {
  if (table.data.length === 0) return false;
  const hasRoom = bytes.byteOffset === 0 && bytes.buffer.byteLength >= bytes.length + TEXT_KEY;
  const memory = hasRoom ? new Uint8Array(bytes.buffer) : scannable(bytes.length);
  if (!hasRoom) memory.set(bytes);
  let found = false;
  new WindowScanner(table, memory).scan(bytes.length, 0, bytes.length, () => {
    found = true;
  });
  return found;
}
