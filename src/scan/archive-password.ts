import { Secret } from '../core/base/crypto/secret.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { readFile } from './secret-files/target-files.js';

/** Bytes of the file. */
const LARGEST = 2 ** 20;
const CODE = 'bad-archive-password-file';
const HINT = 'put the password of the archives into its first line';
const [LINE_FEED, RETURN] = [0x0a, 0x0d];

/** The first line of a file, without its end. Throws (exit 3) if it cannot be read, or is empty. */
export function readArchivePassword(file: string | undefined): Secret | undefined {
  if (file === undefined) return undefined;
  const bytes = readFile(file, { code: CODE, hint: HINT }, LARGEST);
  const found = bytes.indexOf(LINE_FEED);
  const end = found < 0 ? bytes.length : found;
  const line = bytes.subarray(0, bytes[end - 1] === RETURN ? end - 1 : end);
  if (line.length === 0)
    throw new DumpsieveError({ code: CODE, message: `the first line of ${file} is empty`, hint: HINT });
  const password = new Secret(line);
  bytes.fill(0);
  return password;
}
