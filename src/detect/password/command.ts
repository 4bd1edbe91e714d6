import { type Found, valueIn, type Wanted } from './named.js';

/** Passwords of command lines without a name: `curl -u user:password`, also as arguments of a process. */

/** Text before the option in which the command is looked for. */
export const COMMAND_BEFORE = 256;
const COMMAND = /\bcurl\b/;
/** Longest user, password and what is around them, in characters. */
const MOST = 208;

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
  const match = CREDENTIALS.exec(text.slice(from, from + MOST));
  const value = match && valueIn(match);
  if (!value || !COMMAND.test(text.slice(Math.max(0, at - COMMAND_BEFORE), to))) return undefined;
  const [start, end] = value.map((index) => from + index) as [number, number];
  return { start, end, place: 'bare', words: true, evidence: 'behind a user on a command line' };
}
