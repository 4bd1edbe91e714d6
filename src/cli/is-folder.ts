import { statSync } from 'node:fs';

/** True if a name leads to a folder; false too where that cannot be seen: opening it says why. */
export function isFolder(path: string | Uint8Array): boolean {
  try {
    return statSync(typeof path === 'string' ? path : Buffer.from(path)).isDirectory();
  } catch {
    return false;
  }
}
