import { digests } from './digests.js';
import { LONGEST_VALUE } from './env.js';
import type { FileEntry } from './types.js';
import { isSetting, valueEntries } from './values.js';

/** Plain lists of values, one a line. */

const COMMENT = /^\s*(?:[#;]|$)/;
/** One word, without the blanks of prose, of SSH keys and of headers. */
const WORD = /^\S+$/;
/** `NAME=` and `NAME=value`: an `.env`. */
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
/** Base64 with its padding, which resembles an assignment without a value. */
const PADDED = /^(?:[A-Za-z0-9+/]{4}){3,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/;
/** A digest that is cut or misspelt is not a value. */
const DIGEST = /^(?:spki|sha-?256|v1:|pin-)/i;
/** Lines of base64 as PEM and MIME wrap it: the body of a key whose BEGIN line is lost. */
const WRAPPED = /^[A-Za-z0-9+/]{64}$|^[A-Za-z0-9+/]{76}$/;
/** Structure of JSON, YAML, INI and PEM. */
const STRUCTURE = /^(?:[{}[\]"']|-----|- )|:$/;

/** Patterns overflow their stack at lines of megabytes, which are no values of a list. */
const isValue = (line: string): boolean =>
  line.length <= LONGEST_VALUE &&
  WORD.test(line) &&
  (PADDED.test(line) || !ASSIGNMENT.test(line)) &&
  !DIGEST.test(line) &&
  !STRUCTURE.test(line) &&
  digests(line).length === 0;

/**
 * The values of a text in which each line is one word, a comment or empty; undefined for any other text: its
 * lines are those of an `.env`. Nothing is guessed line by line, because a line that is read as a value by
 * mistake would give a false "absent".
 */
export function plainList(text: string, most: number, encoding: 'utf8' | 'latin1'): FileEntry[] | undefined {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), number: i + 1 }));
  const values = lines.filter(({ line }) => !COMMENT.test(line));
  if (values.length === 0 || !values.every(({ line }) => isValue(line))) return undefined;
  if (values.some(({ line }, i) => WRAPPED.test(line) && WRAPPED.test(values[i + 1]?.line ?? '')))
    return undefined;
  const entries = values.slice(0, most).flatMap(({ line, number }): FileEntry[] => {
    const label = `line ${number}`;
    const found = valueEntries(Buffer.from(line, encoding), label, isSetting('', line));
    return found.length > 0 ? found : [{ type: 'unread', label: `${label} (${TOO_SHORT})` }];
  });
  const left = values.length - most;
  return left <= 0
    ? entries
    : [...entries, { type: 'unread', label: `${left} values after the first ${most}` }];
}

const TOO_SHORT = 'too short, or too few distinct characters, to be searched for';
