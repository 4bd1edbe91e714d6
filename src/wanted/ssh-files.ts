import { attempt } from './attempt.js';
import { wantedKey } from './keys.js';
import { sshPublicKey } from './ssh.js';
import type { Wanted } from './types.js';

/** Files of SSH programs that are neither PEM nor lines: PuTTY's private keys, and public ones as RFC 4716 has them. */

/** What such a file begins with. */
export const SSH_FILE = /^(?:PuTTY-User-Key-File-\d|---- BEGIN SSH2 PUBLIC KEY ----)/m;

/** PuTTY manual, appendix C: lines `Name: value`, of which two say how many lines of base64 follow them. */
const PUTTY = /^PuTTY-User-Key-File-\d: [\s\S]*?^Private-MAC: \w+/gm;
const PUTTY_PUBLIC = /^Public-Lines: \d+\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)/m;
const PUTTY_COMMENT = /^Comment: (.*?)\r?$/m;
const PUTTY_CLEAR = /^Encryption: none\r?$/m;

/** RFC 4716, 3: headers, which a backslash continues, then base64. */
const RFC4716 = /^---- BEGIN SSH2 PUBLIC KEY ----\r?\n([\s\S]*?)^---- END SSH2 PUBLIC KEY ----/gm;
const RFC4716_HEADER = /^[!-9;-~]+: (?:[^\n]*\\\r?\n)*[^\n]*\n/gm;

function wanted(base64: string, label: string, holder?: string): Wanted[] {
  const key = attempt(() => sshPublicKey(Buffer.from(base64, 'base64')));
  return key ? [wantedKey(key, label, holder === undefined ? undefined : Buffer.from(holder, 'latin1'))] : [];
}

export function sshFileKeys(text: string): Wanted[] {
  const putty = [...text.matchAll(PUTTY)].flatMap(([file]) =>
    wanted(
      PUTTY_PUBLIC.exec(file)?.[1] ?? '',
      PUTTY_COMMENT.exec(file)?.[1] ?? '',
      PUTTY_CLEAR.test(file) ? `${file}\n` : undefined,
    ),
  );
  const others = [...text.matchAll(RFC4716)].flatMap(([, inside = '']) =>
    wanted(inside.replace(RFC4716_HEADER, ''), ''),
  );
  return [...putty, ...others];
}
