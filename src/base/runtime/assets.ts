import { existsSync } from 'node:fs';

/**
 * The package's root folder. Compiled modules lie at different depths below it (dist/bundle, dist/src/base/runtime),
 * so it is searched upwards, by the folder that every copy of the package has.
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

/** A file that ships with the package, by its path from the package's root. */
export function asset(path: string): URL {
  return new URL(path, root);
}
