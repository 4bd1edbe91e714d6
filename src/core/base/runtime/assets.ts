import { existsSync, readFileSync } from 'node:fs';
import { brokenInstallation } from './installation.js';

/**
 * Root folder of the package. Compiled modules are at different depths below it (dist/bundle,
 * dist/src/core/base/runtime), so it is found by the nearest package.json above.
 */
function packageRoot(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('../', folder);
    if (parent.href === folder.href) throw new Error(`no package.json above ${import.meta.url}`);
    folder = parent;
  }
  return folder;
}

const root = packageRoot();

/** URL of a file that ships with the package, by its path from the root. */
export function asset(path: string): URL {
  return new URL(path, root);
}

/** The bytes of a file that ships with the package. Throws a DumpsieveError (exit 3) if it cannot be read. */
export function readAsset(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(asset(path));
  } catch (error) {
    throw brokenInstallation(path, error);
  }
}
