import { header, TAG } from '../../asn1/der.js';
import { digests } from './digests.js';
import { assignments, isAttribute, withoutContinuations } from './env.js';
import { PEM, pemKeys, sshKeys } from './keys.js';
import { SSH_FILE } from './ssh-files.js';
import type { FileEntry } from './types.js';

/** What a file of wanted things holds that was not understood: to leave it out without a word would be a false "absent". Never quoted, for it may be a secret. */

const unread = (label: string): FileEntry => ({ type: 'unread', label });

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;
/** Labels of blocks that hold no key: `openssl ecparam -genkey` writes one before each. */
const NO_KEY = /PARAMETERS$/;

/** Blocks that give no key: encrypted, cut, damaged, or of an unknown kind. */
export function unreadBlocks(text: string): FileEntry[] {
  const whole = new Map([...text.matchAll(PEM)].map(({ 0: block, index }) => [index, block]));
  return [...text.matchAll(BEGIN)].flatMap(({ 1: label = '', index }, i) => {
    const block = whole.get(index);
    if (NO_KEY.test(label) || (block !== undefined && pemKeys(block).length > 0)) return [];
    const why = block !== undefined ? 'cannot be read' : 'encrypted, cut or damaged';
    return [unread(`the PEM block ${i + 1} (${label}: ${label.includes('ENCRYPTED') ? 'encrypted' : why})`)];
  });
}

/** As in `id_*.pub`, of whatever type. */
const SSH_LINE = /(?:^|[ \t])[\w@.-]+[ \t]+AAAA[A-Za-z0-9+/]{16}/;

/**
 * One line of a list may be anything but a comment. Only a file without JSON and YAML is such a list; with PEM in it only one that has
 * assignments too, and else anything may stand beside its blocks but keys.
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
/** `NAME=`, also of a value that is empty, short or a word. */
const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=/;

const isUnderstood = (line: string): boolean =>
  COMMENT.test(line) || ASSIGNMENT.test(line) || digests(line).length > 0 || sshKeys(line).length > 0;

/** Lines that are named in one warning. */
const NAMED = 10;

function linesOf(numbers: readonly number[]): string {
  const more = numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : '';
  return `${numbers.length === 1 ? 'line' : 'lines'} ${numbers.slice(0, NAMED).join(', ')}${more}`;
}

/** What follows a key in DER: nothing of it is read. */
export function unreadTail(bytes: Uint8Array): FileEntry[] {
  const outer = header(bytes, 0, bytes.length);
  const rest = outer?.tag === TAG.sequence ? bytes.subarray(outer.end) : bytes;
  if (rest.every((byte) => byte <= 0x20)) return [];
  return [unread(`${rest.length} bytes behind the first key`)];
}
