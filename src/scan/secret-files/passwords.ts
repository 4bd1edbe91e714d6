import { Secret } from '../../core/base/crypto/secret.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { readFile } from './target-files.js';

/** Bytes of the file, and passwords that are tried: each takes some 100 ms a key. */
const LARGEST = 2 ** 16;
const MOST = 16;

const CODE = 'bad-find-password-file';
const HINT = 'put the passwords of the encrypted keys into it, one a line';

/** The lines of a file, without their ends and without empty ones. Throws (exit 3) if there is none. */
export function readFindPasswords(file: string | undefined): Secret[] {
  if (file === undefined) return [];
  const bytes = Buffer.from(readFile(file, { code: CODE, hint: HINT }, LARGEST));
  const passwords: Secret[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf('\n', start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end);
    if (line.length > 0) passwords.push(new Secret(line));
    start = end + 1;
  }
  bytes.fill(0);
  const wrong =
    passwords.length === 0
      ? `${file} is empty`
      : passwords.length > MOST
        ? `${file} has more than ${MOST} lines`
        : undefined;
  if (wrong !== undefined) throw new DumpsieveError({ code: CODE, message: wrong, hint: HINT });
  return passwords;
}
