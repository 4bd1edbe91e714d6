import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * A CommonJS package loaded at first use, synchronously. Most scans need neither regular expressions nor a
 * progress line, and a small file is scanned in less time than such a package takes to load.
 */
export function lazy<T>(load: (require: NodeJS.Require) => T): () => T {
  let loaded: { value: T } | undefined;
  return () => {
    loaded ??= { value: load(require) };
    return loaded.value;
  };
}
