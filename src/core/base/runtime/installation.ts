import { DumpsieveError, systemCode } from './errors.js';

/** Codes of the loaders of Node.js (nodejs.org, "Errors"): a module or library is missing or does not fit. */
const LOADER = new RegExp(
  '^(?:MODULE_NOT_FOUND|ERR_(?:MODULE_NOT_FOUND|DLOPEN_\\w+|REQUIRE_\\w+|PACKAGE_\\w+|WORKER_PATH|' +
    'INVALID_(?:MODULE_SPECIFIER|PACKAGE_\\w+)|UNKNOWN_(?:FILE_EXTENSION|MODULE_FORMAT)|UNSUPPORTED_DIR_IMPORT))$',
);
/** Errors of code that is not whole. */
const DAMAGED: ReadonlySet<unknown> = new Set(['SyntaxError', 'CompileError', 'LinkError']);

/** What is said of a part of this program that does not load. */
export const BROKEN = {
  code: 'installation-broken',
  what: 'a part of this program does not load',
  hint: 'install it again (npm ci in a checkout), with the Node.js that runs it',
} as const;

/** True for an error of loading code: no file of the user's is at fault. */
export function isLoadError(error: unknown): boolean {
  if (LOADER.test(systemCode(error) ?? '')) return true;
  return typeof error === 'object' && error !== null && 'name' in error && DAMAGED.has(error.name);
}

/** A file of the package that cannot be read. `file`: its path from the root. */
export function brokenInstallation(file: string, cause: unknown): DumpsieveError {
  const { code, what, hint } = BROKEN;
  const because = systemCode(cause);
  const message = `${what}: ${file}${because === undefined ? '' : ` (${because})`}`;
  return new DumpsieveError({ code, message, hint }, 3, cause);
}
