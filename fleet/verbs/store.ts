import { createInterface } from 'node:readline/promises';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';

const POSTGRES = /^postgres(?:ql)?:\/\//i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** The store of a verb. Throws (exit 3) without one. Who opens it refuses a URL with a password. */
export function storeOf(given: string | undefined): string {
  if (given === undefined || given === '')
    throw new DumpsieveError({
      code: 'wrong-call',
      message: '--store is missing',
      hint: 'say --store FILE, or --store postgres://HOST/DATABASE',
    });
  if (POSTGRES.test(given) || !SCHEME.test(given)) return given;
  throw new DumpsieveError({
    code: 'wrong-store',
    message: 'a store is a file or postgres://HOST/DATABASE, and no other URL',
  });
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
