import { keyName, keyNames } from '../../core/model/key-names.js';
import type { KeyNames } from '../../core/model/report.js';
import type { Characters } from './characters.js';

/**
 * Names of a key in the text around it: fields of credential files (`client_email` of a Google service
 * account) and comments of SSH keys. They are claims, which a report masks as all text of a dump.
 */

/** Names of fields, each of which stands for one list of names. */
const FIELDS: readonly (readonly [name: string, list: 'keyIds' | 'accounts'])[] = [
  ['client_email', 'accounts'],
  ['service_account', 'accounts'],
  ['account', 'accounts'],
  ['username', 'accounts'],
  ['private_key_id', 'keyIds'],
  ['key_id', 'keyIds'],
  ['kid', 'keyIds'],
];
/** First characters of {@link FIELDS}. */
const INITIALS: ReadonlySet<number> = new Set(FIELDS.map(([name]) => name.charCodeAt(0)));

/** Characters of the text before and after the key that are read. */
const BESIDE = { before: 512, after: 1024 } as const;
/** Longest value, in characters. */
const LONGEST = 256;

const [QUOTE, APOSTROPHE, BACKSLASH, COLON, EQUALS] = [0x22, 0x27, 0x5c, 0x3a, 0x3d];
const [OPEN, CLOSE] = [0x7b, 0x7d];
const isBlank = (code: number): boolean => code === 0x20 || code === 9;
const isQuote = (code: number): boolean => code === QUOTE || code === APOSTROPHE || code === BACKSLASH;
const isWord = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f;
/** Characters of a name: no blank, quote, bracket, comma or control. */
const isValue = (code: number): boolean =>
  code > 0x20 && code < 0x7f && !isQuote(code) && code !== 0x2c && code !== OPEN && code !== CLOSE;

function skipped(text: Characters, at: number, to: number, skips: (code: number) => boolean): number {
  let next = at;
  while (next < to && skips(text.code(next))) next++;
  return next;
}

/** The value of the field whose name ends at `at`: `": "value"`, `: value`, `=value`. */
function valueAt(text: Characters, at: number, to: number): string | undefined {
  const separator = skipped(text, skipped(text, at, to, isQuote), to, isBlank);
  if (separator >= to || (text.code(separator) !== COLON && text.code(separator) !== EQUALS))
    return undefined;
  const start = skipped(text, skipped(text, separator + 1, to, isBlank), to, isQuote);
  const end = skipped(text, start, Math.min(to, start + LONGEST + 1), isValue);
  if (end - start > LONGEST || end >= text.length) return undefined;
  // A value that begins with a quote and ends without one is cut.
  return isQuote(text.code(start - 1)) && !isQuote(text.code(end))
    ? undefined
    : text.slice(start, end - start);
}

/** Names in the fields beside the key [start, stop), as far as the braces of its object and the window. */
export function namesBeside(text: Characters, start: number, stop: number): KeyNames | undefined {
  let from = start;
  while (
    from > Math.max(0, start - BESIDE.before) &&
    text.code(from - 1) !== OPEN &&
    text.code(from - 1) !== CLOSE
  )
    from--;
  let to = stop;
  while (to < Math.min(text.length, stop + BESIDE.after) && text.code(to) !== OPEN && text.code(to) !== CLOSE)
    to++;
  const found = { keyIds: [] as string[], accounts: [] as string[] };
  for (const [first, last] of [
    [from, start],
    [stop, to],
  ] as const)
    for (let at = first; at < last; at++) {
      if (!INITIALS.has(text.code(at)) || (at > first && isWord(text.code(at - 1)))) continue;
      const field = FIELDS.find(([name]) => at + name.length < last && text.has(name, at));
      // Another field begins with this name: `account_type`.
      if (field === undefined || isWord(text.code(at + field[0].length))) continue;
      found[field[1]].push(...keyName(valueAt(text, at + field[0].length, last)));
    }
  return keyNames(found.keyIds, found.accounts);
}

/** The comment after the base64 of an SSH key, which ends at `at`: up to the end of its line. */
export function commentAfter(text: Characters, at: number): KeyNames | undefined {
  if (at >= text.length || text.code(at) !== 0x20) return undefined;
  const most = Math.min(text.length, at + LONGEST);
  const end = skipped(text, at, most, (code) => isBlank(code) || isValue(code));
  return end === at + LONGEST ? undefined : keyNames([], keyName(text.slice(at, end - at)));
}
