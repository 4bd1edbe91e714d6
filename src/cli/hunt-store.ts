import { createInterface } from 'node:readline/promises';
import { DumpsieveError } from '../base/runtime/errors.js';

const POSTGRES = /^postgres(?:ql)?:\/\//i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Parameters of a connection that hold a secret. */
const SECRET_PARAMETER = /pass|secret|token/i;

const PASSWORD_HINT =
  'arguments are seen by other users of the machine: put it into the file of PGPASSFILE (mode 0600), or ' +
  'name a service by PGSERVICE';

/** The store that a verb is given. Throws (exit 3) without one, and for a URL with a password. */
export function storeOf(given: string | undefined): string {
  if (given === undefined || given === '')
    throw new DumpsieveError({
      code: 'wrong-call',
      message: '--store is missing',
      hint: 'say --store FILE, or --store postgres://HOST/DATABASE',
    });
  if (!POSTGRES.test(given)) {
    if (!SCHEME.test(given)) return given;
    throw new DumpsieveError({
      code: 'wrong-store',
      message: 'a store is a file or postgres://HOST/DATABASE, and no other URL',
    });
  }
  if (hasPassword(given))
    throw new DumpsieveError({
      code: 'store-password',
      message: 'the URL of a store has no password in it',
      hint: PASSWORD_HINT,
    });
  return given;
}

/** A host with a port, or none: what follows has no user. */
const WITHOUT_USER = /^(?:[^:@/?#]*(?::\d*)?|\[[^\]]*\](?::\d*)?)(?:[/?#]|$)/;

/** A password may have characters that are not escaped: what is between a colon and an @ counts as one. */
function hasPassword(url: string): boolean {
  const rest = url.replace(POSTGRES, '');
  if (!WITHOUT_USER.test(rest) && /:.*@/.test(rest)) return true;
  const [, query = ''] = /\?(.*)$/.exec(rest) ?? [];
  return [...new URLSearchParams(query).keys()].some((name) => SECRET_PARAMETER.test(name));
}

/**
 * Asks on the terminal. Throws (exit 3) where there is none. `question`: what would be done, one line.
 */
export async function confirmed(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new DumpsieveError({
      code: 'not-confirmed',
      message: 'there is no terminal to ask on, and nothing was done',
      hint: 'say --yes to do it without asking',
    });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
