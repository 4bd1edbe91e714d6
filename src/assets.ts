/** The package's root folder: compiled code lies two folders below it (dist/src). */
const root = new URL('../../', import.meta.url);

/** A file that ships with the package, by its path from the package's root. */
export function asset(path: string): URL {
  return new URL(path, root);
}
