import type * as dumpsieve from '../../src/index.js';

/**
 * The dumpsieve that has loaded this package: its public API. It is given and not imported, so that both are
 * always of one version and an error is the same class in both.
 */
export type Host = typeof dumpsieve;

let host: Host | undefined;

/** Called once, before anything else. */
export function useHost(given: Host): void {
  host = given;
}

export function theHost(): Host {
  if (host === undefined) throw new Error('no host: useHost was not called');
  return host;
}

/** A coded error. `exit`: exit status of the command. */
export function failure(
  notice: ConstructorParameters<Host['DumpsieveError']>[0],
  exit: 1 | 2 | 3 = 3,
  cause?: unknown,
): Error {
  return new (theHost().DumpsieveError)(notice, exit, cause);
}
