import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** One call of node:fs that concerns a file of a folder. */
export interface FileCall {
  /** Name of the function, without `Sync`. */
  name: string;
  /** Path of the file. */
  path: string;
}

/** Functions that take a path, and those that take a descriptor. */
const BY_PATH = ['open', 'lstat', 'stat', 'access', 'rename', 'link', 'rm', 'unlink', 'realpath'] as const;
const BY_FD = ['fstat', 'read', 'write', 'ftruncate', 'fsync', 'fdatasync', 'close', 'readFile'] as const;

type Functions = Record<string, (...args: unknown[]) => unknown>;

/**
 * Calls `before` ahead of each synchronous call for a file of `folder`, until the returned function is
 * called. What `before` throws is thrown in place of the call. Descriptors of files that were opened
 * earlier are not known.
 */
export function watchFileCalls(folder: string, before: (call: FileCall) => void): () => void {
  const functions = fs as unknown as Functions;
  const paths = new Map<unknown, string>();
  const originals = new Map<string, (...args: unknown[]) => unknown>();
  const isInside = (path: unknown): path is string =>
    typeof path === 'string' && (path === folder || path.startsWith(`${folder}/`));
  let busy = false;
  const tell = (name: string, path: string): void => {
    if (busy) return;
    busy = true;
    try {
      before({ name, path });
    } finally {
      busy = false;
    }
  };
  const replace = (name: string, make: (original: (...args: unknown[]) => unknown) => Functions[string]) => {
    const original = functions[name]!;
    originals.set(name, original);
    functions[name] = make(original);
  };
  for (const name of BY_PATH)
    replace(`${name}Sync`, (original) => (...args) => {
      const path = args.find(isInside);
      if (path !== undefined) tell(name, path);
      const result = original.apply(fs, args);
      if (name === 'open' && path !== undefined) paths.set(result, path);
      return result;
    });
  for (const name of BY_FD)
    replace(`${name}Sync`, (original) => (...args) => {
      const path = paths.get(args[0]);
      if (path !== undefined) tell(name, path);
      if (name === 'close') paths.delete(args[0]);
      // A disk takes milliseconds for it, and nothing here outlives a power failure.
      if (name.endsWith('sync') && path !== undefined) return undefined;
      return original.apply(fs, args);
    });
  // The input is opened without blocking.
  replace('open', (original) => (...args) => {
    const done = args.at(-1) as (error: unknown, fd: unknown) => void;
    const path = args[0];
    original.call(fs, ...args.slice(0, -1), (error: unknown, fd: unknown) => {
      const text = Buffer.isBuffer(path) ? path.toString() : path;
      if (error === null && isInside(text)) paths.set(fd, text);
      done(error, fd);
    });
  });
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  };
}
