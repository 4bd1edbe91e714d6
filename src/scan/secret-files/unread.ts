import { header, TAG } from '../../core/asn1/der.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { digests } from './digests.js';
import { isEncryptedPem } from './encrypted.js';
import { assignments, isAttribute, withoutContinuations } from './env.js';
import { PEM, pemKeys, sshKeys } from './keys.js';
import { SSH_FILE } from './ssh-files.js';
import type { FileEntry } from './types.js';

/**
 * Parts of a file that were not understood. To ignore them would give a false "absent". They are never
 * quoted, because they may be secrets.
 */

const unread = (label: string): FileEntry => ({ type: 'unread', label });

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;
/** Labels of blocks without a key: `openssl ecparam -genkey` writes one before each key. */
const NO_KEY = /PARAMETERS$/;

/** An encrypted key, for which there is no password or a wrong one. */
export function unreadEncrypted(what: string, passwords: readonly Secret[]): FileEntry {
  if (passwords.length === 0) return unread(`${what}: encrypted)`);
  return { type: 'unread', label: `${what}: encrypted, no password fits)`, isLocked: true };
}

/** Blocks without a readable key: encrypted, cut, damaged, or of an unknown kind. */
export function unreadBlocks(text: string, passwords: readonly Secret[] = []): FileEntry[] {
  const whole = new Map([...text.matchAll(PEM)].map(({ 0: block, index }) => [index, block]));
  return [...text.matchAll(BEGIN)].flatMap(({ 1: label = '', index }, i) => {
    const block = whole.get(index);
    if (NO_KEY.test(label) || (block !== undefined && pemKeys(block, passwords).length > 0)) return [];
    const what = `the PEM block ${i + 1} (${label}`;
    if (block !== undefined && isEncryptedPem(block, label)) return [unreadEncrypted(what, passwords)];
    return [unread(`${what}: ${block !== undefined ? 'cannot be read' : 'encrypted, cut or damaged'})`)];
  });
}

/** A line as in `id_*.pub`, of any key type. */
const SSH_LINE = /(?:^|[ \t])[\w@.-]+[ \t]+AAAA[A-Za-z0-9+/]{16}/;

/**
 * Every line of a list is an entry or a comment. A file without JSON and YAML is a list; one with PEM only if
 * it has assignments too. In another file with PEM, any text but keys is allowed between the blocks.
 */
export function unreadLines(text: string): FileEntry[] {
  if (text.search(SSH_FILE) >= 0) return [];
  const rest = text.replace(PEM, (block) => block.replace(/[^\n]+/g, ''));
  const isList = text.search(BEGIN) < 0 || assignments(rest).some((each) => !isAttribute(each));
  const lines = withoutContinuations(rest).split(/\r?\n/);
  const numbers = lines.flatMap((line, i) =>
    (isList || SSH_LINE.test(line)) && !isUnderstood(line) ? [i + 1] : [],
  );
  return numbers.length === 0 ? [] : [unread(linesOf(numbers))];
}

const COMMENT = /^\s*(?:[#;]|$)/;
/** `NAME=`, also if the value is empty, short or a word. */
const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=/;

const isUnderstood = (line: string): boolean =>
  COMMENT.test(line) || ASSIGNMENT.test(line) || digests(line).length > 0 || sshKeys(line).length > 0;

/** Lines named in one warning. */
const NAMED = 10;

function linesOf(numbers: readonly number[]): string {
  const more = numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : '';
  return `${numbers.length === 1 ? 'line' : 'lines'} ${numbers.slice(0, NAMED).join(', ')}${more}`;
}

/** The bytes after a key in DER are not read. */
export function unreadTail(bytes: Uint8Array): FileEntry[] {
  const outer = header(bytes, 0, bytes.length);
  const rest = outer?.tag === TAG.sequence ? bytes.subarray(outer.end) : bytes;
  if (rest.every((byte) => byte <= 0x20)) return [];
  return [unread(`${rest.length} bytes after the first key`)];
}
