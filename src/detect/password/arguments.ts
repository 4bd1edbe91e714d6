import { type Found, valueIn, type Wanted } from './named.js';
import { QUOTED } from './shapes.js';

/** Passwords beside a user: among the arguments of calls, and on command lines (`curl -u user:password`). */

/** Functions by their anchors in lower case: their names, and the arguments before the password. */
const CALLS: Readonly<Record<string, { callee: RegExp; before: number }>> = {
  'credential(': { callee: /[A-Za-z]Credential\($/, before: 1 },
  'credentials(': { callee: /[A-Za-z]Credentials\($/, before: 1 },
  // Go and Python
  'cauth(': { callee: /BasicAuth\($/, before: 1 },
  // PHP and Perl
  'connect(': { callee: /(?:mysqli?_|DBI->)connect\($/, before: 2 },
};
/** Characters of the longest name. */
const NAME = 32;

/** Characters of all arguments up to the password's end. */
const MOST = 400;
const ARGUMENT = '(?:"[^"\\0-\\x1f\\x7f-\\xff]{0,96}"|\'[^\'\\0-\\x1f\\x7f-\\xff]{0,96}\'|[\\w.$:>-]{1,64})';
const GAP = '[ \\t\\r\\n]{0,32}';

const argumentsBefore = (count: number): RegExp =>
  new RegExp(`^${GAP}(?:${ARGUMENT}${GAP},${GAP}){${count}}[@$]?(?:${QUOTED})${GAP}[,)]`, 'd');

const PATTERNS = new Map(
  Object.entries(CALLS).map(([call, { callee, before }]) => [
    call,
    { callee, pattern: argumentsBefore(before) },
  ]),
);

export const isCall = (anchor: string): boolean => PATTERNS.has(anchor);

/** The password among the arguments of the call whose bracket ends at `to`. */
export function argumentAt(text: string, anchor: string, to: number, { shapes }: Wanted): Found | undefined {
  if (!shapes.has('arguments')) return undefined;
  const call = PATTERNS.get(anchor);
  if (!call?.callee.test(text.slice(Math.max(0, to - NAME), to))) return undefined;
  const match = call.pattern.exec(text.slice(to, to + MOST));
  const value = match && valueIn(match);
  if (!value) return undefined;
  const [start, end] = value.map((index) => to + index) as [number, number];
  return { start, end, place: 'quoted', words: true, evidence: 'an argument behind a user' };
}

/** Text before the option in which the command is looked for. */
export const COMMAND_BEFORE = 256;
const COMMAND = /\bcurl\b/;
/** Longest user, password and what is around them, in characters. */
const MOST_CREDENTIALS = 208;

const USER = '[\\x20!#-&(-9;-\\[\\]-~]{0,64}';
/** A user, a colon and a password; quotes around both or around the password. */
const CREDENTIALS = new RegExp(
  [
    `^[ =\\0]{1,4}(?:"${USER}:([\\x20!#-~]{3,128})"`,
    `'${USER}:([\\x20-&(-~]{3,128})'`,
    `\\\\"${USER}:([\\x20!#-[\\]-~]{3,128})\\\\"`,
    `[!#-&(-9;-[\\]-~]{0,64}:(?:'([\\x20-&(-~]{3,128})'|"([\\x20!#-~]{3,128})"`,
    `([!#-&(-[\\]-~]{3,128})(?=[\\s\\0"'\\\\]|$)))`,
  ].join('|'),
  'd',
);

/** The password behind the option of curl that ends at `to`. */
export function commandAt(text: string, at: number, to: number, { shapes }: Wanted): Found | undefined {
  if (!shapes.has('command')) return undefined;
  const from = text[to - 1] === ' ' ? to - 1 : to;
  const match = CREDENTIALS.exec(text.slice(from, from + MOST_CREDENTIALS));
  const value = match && valueIn(match);
  if (!value || !COMMAND.test(text.slice(Math.max(0, at - COMMAND_BEFORE), to))) return undefined;
  const [start, end] = value.map((index) => from + index) as [number, number];
  return { start, end, place: 'bare', words: true, evidence: 'behind a user on a command line' };
}
