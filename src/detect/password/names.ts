import { setOf } from '../text/pattern.js';

/** Names of passwords: `DB_PASSWORD`, `spring.datasource.password`, `userPass`, `MYSQL_PWD`. */

const NAME = setOf('0-9A-Za-z_.\\-');

/** True if text[at] is a character of a name. */
export const isNameCharacter = (text: string, at: number): boolean => NAME[text.charCodeAt(at)] === 1;

/** The words of a name in lower case: split at case changes, digits and punctuation. */
export function wordsOf(name: string): string[] {
  const words = name
    .split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
  // `passWord`
  for (let i = words.length - 2; i >= 0; i--)
    if (words[i] === 'pass' && /^(?:wor[dt]|wd|phrase|code)$/.test(words[i + 1]!))
      words.splice(i, 2, words[i]! + words[i + 1]!);
  return words;
}

/** Also at the end of words that are run together: `dbpassword`. */
const FULL = /(?:passwor[dt]|passwd|passphrase|passcode|pswd|pwd|bindpw|rootpw|authtok)$/;
/** `pass` is a verb, too: only at the end of a name. */
const SHORT = /pass$/;
/** Words that may follow: `password_value_old`. */
const MAX_AFTER = 2;

/** Words that say of a name whose password it is if they are directly before it: `storePassword`. */
const OWNERS: ReadonlySet<string> = new Set([
  'store',
  'keystore',
  'key',
  'service',
  'storage',
  'manager',
  'agent',
]);
/** `ClearTextPassword` */
const CLEAR: ReadonlySet<string> = new Set(['clear', 'plain']);

/** True if the word before that of the password does not say that the value is something else. */
function isOwner(words: readonly string[], at: number): boolean {
  const word = words[at]!;
  return OWNERS.has(word) || (word === 'text' && CLEAR.has(words[at - 1] ?? ''));
}

/** True if a name is of a password, and none of its words says that it is something else. */
export function isPasswordName(name: string, not: ReadonlySet<string>): boolean {
  const words = wordsOf(name);
  const full = words.findLastIndex((word) => FULL.test(word));
  if (words.some((word, at) => not.has(word) && !(at === full - 1 && isOwner(words, at)))) return false;
  if (full >= 0) return words.length - 1 - full <= MAX_AFTER;
  return SHORT.test(words.at(-1) ?? '');
}
