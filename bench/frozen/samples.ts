import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

/** Largest sample: the larger ones take longer than all other rows together. */
const LARGEST = 4 << 20;
/** Bytes of all samples. */
const MOST = 60 << 20;

/** The folder is beside the repository, or beside the folder of its worktrees. */
const PLACES = ['../shared/samples', '../../shared/samples'].map((path) => fileURLToPath(asset(path)));

/** Real dumps of that folder or of DUMPSIEVE_SAMPLES, by path; undefined if there is none. */
export function samples(): Record<string, Buffer> | undefined {
  const folder = [process.env.DUMPSIEVE_SAMPLES ?? '', ...PLACES].find((path) => existsSync(path));
  if (folder === undefined) return undefined;
  const all: Record<string, Buffer> = {};
  let bytes = 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of files) {
    const { size } = statSync(path);
    if (size > LARGEST || bytes + size > MOST) continue;
    bytes += size;
    all[relative(folder, path)] = readFileSync(path);
  }
  return all;
}
