import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Writes a file beside its place and renames it: a build that is killed leaves none that is cut. */
export function writeWhole(place: string | URL, content: string | Uint8Array): void {
  const path = typeof place === 'string' ? place : fileURLToPath(place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}
