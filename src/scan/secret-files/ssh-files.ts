import { attempt } from './attempt.js';
import { keyEntry } from './keys.js';
import { sshPublicKey } from './ssh.js';
import type { FileEntry } from './types.js';

/**
 * Files of SSH programs that are neither PEM nor lines: private keys of PuTTY, and public keys of RFC 4716.
 */

/** First line of such a file. */
export const SSH_FILE = /^(?:PuTTY-User-Key-File-\d|---- BEGIN SSH2 PUBLIC KEY ----)/m;
const STARTS = new RegExp(SSH_FILE, 'gm');

/** PuTTY manual, appendix C: lines `Name: value`. Two of the values count the base64 lines after them. */
const PUTTY = /^PuTTY/;
const PUTTY_END = /^Private-(?:MAC|Hash): \w+/m;
const PUTTY_PUBLIC = /^Public-Lines: \d+\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)/m;
const PUTTY_COMMENT = /^Comment: (.*?)\r?$/m;
const PUTTY_CLEAR = /^Encryption: none\r?$/m;

/** RFC 4716, 3: headers, continued by a backslash, then base64. */
const RFC4716 = /^---- BEGIN SSH2 PUBLIC KEY ----\r?\n([\s\S]*?)^---- END SSH2 PUBLIC KEY ----/m;
const RFC4716_HEADER = /^[!-9;-~]+: (?:[^\n]*\\\r?\n)*[^\n]*\n/gm;

function sshEntry(base64: string, label: string, holder?: string): FileEntry | undefined {
  const key = attempt(() => sshPublicKey(Buffer.from(base64, 'base64')));
  return key && keyEntry(key, label, holder === undefined ? undefined : Buffer.from(holder, 'latin1'));
}

/** A file that is cut after the public half gives a public key. */
function puttyKey(file: string): FileEntry | undefined {
  const end = PUTTY_CLEAR.test(file) ? PUTTY_END.exec(file) : null;
  return sshEntry(
    PUTTY_PUBLIC.exec(file)?.[1] ?? '',
    PUTTY_COMMENT.exec(file)?.[1] ?? '',
    end ? `${file.slice(0, end.index)}${end[0]}\n` : undefined,
  );
}

const publicKey = (file: string): FileEntry | undefined =>
  sshEntry((RFC4716.exec(file)?.[1] ?? '').replace(RFC4716_HEADER, ''), '');

/** The keys of such files in one text. Each file extends to the start of the next one. */
export function sshFileKeys(text: string): FileEntry[] {
  const starts = [...text.matchAll(STARTS)].map(({ index }) => index);
  return starts.map((start, i): FileEntry => {
    const file = text.slice(start, starts[i + 1]);
    const key = PUTTY.test(file) ? puttyKey(file) : publicKey(file);
    return key ?? { type: 'unread', label: `the SSH key file ${i + 1} (cut, damaged or of an unknown type)` };
  });
}
