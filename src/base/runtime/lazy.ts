import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * A CommonJS package that is loaded when it is first called for, without a promise: most scans meet no pattern and no
 * progress line, and a small file is scanned in less time than such a package takes to load.
 */
export function lazy<T>(load: (require: NodeJS.Require) => T): () => T {
  let loaded: { value: T } | undefined;
  return () => {
    loaded ??= { value: load(require) };
    return loaded.value;
  };
}
