import type { Claims } from '../../core/model/report.js';
import type { PasswordSearch } from '../../rules/types.js';
import { setOf } from '../text/pattern.js';
import type { PasswordPlace } from './levels.js';
import { IDENTIFIED, type ShapePattern, SPAN, shapes } from './shapes.js';

/** A value that may be a password, as indices into the text. */
export interface NamedPassword {
  start: number;
  end: number;
  /** The part of it that is judged, if it is encoded. */
  password?: string;
  place: PasswordPlace;
  /** Words count. */
  words: boolean;
  narrow?: boolean;
  /** Statement of the report. */
  evidence: string;
  /** Why it may be an example. */
  note?: string | undefined;
  /** Whose it is: user, host and variable. */
  claims?: Claims;
}

const evidenceOf: Readonly<Partial<Record<ShapePattern['shape'], string>>> = {
  environment: 'the value of a variable whose name says password',
  netrc: 'a login of a netrc file',
  connection: 'in a connection string',
  query: 'a parameter whose name says password',
  option: 'an option whose name says password',
};
const NAMED = 'beside a name that says password';

/** The span of the last group that took part in a match. */
export function valueIn(match: RegExpExecArray): [number, number] | undefined {
  for (let group = match.length - 1; group > 0; group--) {
    const span = match.indices![group];
    if (span !== undefined) return span;
  }
  return undefined;
}

/**
 * The name around an anchor at [at, to), which may end with what follows a name; undefined if it is too long.
 */
function nameAround(text: string, at: number, to: number): { start: number; end: number } | undefined {
  const [low, high] = [Math.max(0, at - SPAN.nameBefore), Math.min(text.length, to + SPAN.nameAfter)];
  let [start, end] = [at, to];
  while (end > at && !isNameCharacter(text, end - 1)) end--;
  while (start > low && isNameCharacter(text, start - 1)) start--;
  while (end < high && isNameCharacter(text, end)) end++;
  if ((start === low && low > 0) || (end === high && high < text.length)) return undefined;
  while (start < at && /[.-]/.test(text[start]!)) start++;
  return { start, end };
}

/** Shapes of the environment have `=` directly behind the name. */
const isOnlyEnvironment = (wanted: ReadonlySet<string>): boolean =>
  wanted.size === 1 && wanted.has('environment');

/** The password beside the name that has an anchor at [at, to). */
export function namedAt(
  text: string,
  at: number,
  to: number,
  { shapes: wanted, notNames }: { shapes: ReadonlySet<string>; notNames: ReadonlySet<string> },
): NamedPassword | undefined {
  const span = nameAround(text, at, to);
  if (span === undefined) return undefined;
  // Most names of code have no such sign, and telling their words takes longer.
  if (isOnlyEnvironment(wanted) && text[span.end] !== '=') return undefined;
  const name = text.slice(span.start, span.end);
  if (!isPasswordName(name, notNames)) return undefined;
  const left = text.slice(Math.max(0, span.start - SPAN.before), span.start);
  const right = text.slice(span.end, span.end + SPAN.after);
  for (const { shape, before, name: named, after, place, words, narrow = false } of shapes) {
    if (named?.test(name) === false || before?.test(left) === false) continue;
    const match = after.exec(right);
    const value = match && valueIn(match);
    if (!value) continue;
    if (!wanted.has(shape)) return undefined;
    const [start, end] = value.map((index) => span.end + index) as [number, number];
    return { start, end, place, words, narrow, evidence: evidenceOf[shape] ?? NAMED };
  }
  return undefined;
}

/** The password of the SQL statement whose `identified by ` ends at `to`. */
export function identifiedAt(
  text: string,
  to: number,
  { shapes: wanted }: Wanted,
): NamedPassword | undefined {
  const match = IDENTIFIED.exec(text.slice(to, to + SPAN.after));
  const value = match && valueIn(match);
  if (!value || !wanted.has('sql')) return undefined;
  const [start, end] = value.map((index) => to + index) as [number, number];
  return { start, end, place: 'quoted', words: false, evidence: 'in an SQL statement that sets it' };
}

export type Wanted = Pick<PasswordSearch, 'schemes'> & {
  shapes: ReadonlySet<string>;
  notNames: ReadonlySet<string>;
  stock: ReadonlySet<string>;
};

const NAME = setOf('0-9A-Za-z_.\\-');

/** True if text[at] is a character of a name. */
const isNameCharacter = (text: string, at: number): boolean => NAME[text.charCodeAt(at)] === 1;

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
