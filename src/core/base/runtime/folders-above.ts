import fs from 'node:fs';
import type { FileId } from './draft-file.js';

export const keyOfFile = ({ dev, ino }: FileId): string => `${dev}:${ino}`;

/** A folder and all above it, by {@link keyOfFile}, as far as they can be looked at. */
export function foldersAbove(folder: string | Buffer): Set<string> {
  const keys = new Set<string>();
  for (let at = Buffer.from(folder); ; at = Buffer.concat([at, Buffer.from('/..')])) {
    let key: string;
    try {
      key = keyOfFile(fs.statSync(at, { bigint: true }));
    } catch {
      return keys;
    }
    // Above the topmost folder is that folder.
    if (keys.has(key)) return keys;
    keys.add(key);
  }
}
