import { header, TAG } from '../../core/asn1/der.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { assignments, isAttribute, withoutContinuations } from './env.js';
import {
  attempt,
  type FileEntry,
  isEncryptedPem,
  keyEntry,
  PEM,
  pemKeys,
  sshKeys,
  sshPublicKey,
} from './keys.js';

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

/** Keys given as a digest of their public half. */

/** Optional `sha256:` or `v1:` (a report's fingerprint), 64 hexadecimal digits, and an optional name. */
const SPKI = /^[ \t]*(?:(?:spki[-_ ]?)?sha-?256[:=/ ][ \t]*|v1:)?([0-9a-f]{64})(?:[ \t]+(\S.*))?$/gim;
/**
 * Pins, several on a line: `pin-sha256="…"` (RFC 7469, 2.1), `sha256//…` of curl, `sha256/…` of OkHttp,
 * `<pin digest="SHA-256">…` of Android.
 */
const PIN = /(?:pin-sha256[ \t]*=[ \t]*"?|\bsha256\/\/?|<pin digest="SHA-256">[ \t]*)([A-Za-z0-9+/]{43}=)/g;
/** `SHA256:` and 43 characters of base64, as `ssh-keygen -l` prints them between size and comment. */
const SSH = /(?:^|[ \t])(SHA256:[A-Za-z0-9+/]{43})=?(?:[ \t]+(\S.*))?$/gm;

export function digests(text: string): FileEntry[] {
  const spki = [...text.matchAll(SPKI)].map(
    ([, digest = '', label = '']): FileEntry => ({
      type: 'digest',
      label: label.trim(),
      spkiSha256: digest.toLowerCase(),
    }),
  );
  const ssh = [...text.matchAll(SSH)].map(
    ([, sshFingerprint = '', label = '']): FileEntry => ({
      type: 'ssh-fingerprint',
      label: label.trim(),
      sshFingerprint,
    }),
  );
  const pins = [...text.matchAll(PIN)].map(
    ([, pin = '']): FileEntry => ({
      type: 'digest',
      label: '',
      spkiSha256: Buffer.from(pin, 'base64').toString('hex'),
    }),
  );
  return [...spki, ...pins, ...ssh];
}

/**
 * Files of SSH programs that are neither PEM nor lines: private keys of PuTTY, and public keys of RFC 4716.
 */

/** First line of such a file. */
const SSH_FILE = /^(?:PuTTY-User-Key-File-\d|---- BEGIN SSH2 PUBLIC KEY ----)/m;
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
