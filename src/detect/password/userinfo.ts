import type { Claims } from '../../core/model/report.js';
import type { NamedPassword, Wanted } from './named.js';

/** Passwords of URLs: `scheme://user:password@host` (RFC 3986, 3.2.1), of any scheme. */

const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{1,24}$/;
/** Longest scheme, and a character more. */
const BEFORE = 26;
export const USER_MAX = 64;
export const PASSWORD_MAX = 128;

/** Of the text after `://`. The user may be empty; not every program escapes a password. */
const USERINFO = new RegExp(
  [
    `^([^\\s:/@"'<>\\\\\\x60\\x00-\\x1f\\x7f-\\xff]{0,${USER_MAX}}):`,
    `([^\\s/@"'<>\\\\\\x60\\x00-\\x1f\\x7f-\\xff]{3,${PASSWORD_MAX}})@`,
    '([A-Za-z0-9*[][A-Za-z0-9._:-]{0,64})',
  ].join(''),
  'd',
);

/** Hosts of documentation (RFC 2606) and of its authors. */
const EXAMPLE_HOST = new RegExp(
  [
    String.raw`(?:^|\.)(?:example(?:\.\w+)?|invalid)(?::|$)`,
    String.raw`^(?:(?:some|my|your)?-?(?:host(?:name)?|server|domain|site)|dummy|fake|bogus|foo|bar)\b`,
    String.raw`\.(?:faketld|bogus\.\w+)(?::|$)`,
    String.raw`\b(?:foo|bar|bogus)\.\w+(?::|$)`,
  ].join('|'),
  'i',
);
/** Users that say that a token is in place of the password, or the other way round. */
const NO_PASSWORD = /^(?:x-oauth-basic|x-token-auth|x-access-token|oauth2)$/i;

/** Users who need no password. */
const ANONYMOUS = /^(?:anonymous|anon)$/i;

/** A user and a password that name themselves, with one word before both: `proxy-user:proxy-password`. */
const OF_USER = /^(.{2,})(?:user(?:_?name)?|login|name|id)$/i;
const OF_PASSWORD = /^(.{2,})(?:pass(?:word|wd|phrase)?|pwd|pw|secret)$/i;

const namesBoth = (user: string, password: string): boolean => {
  const word = OF_USER.exec(user)?.[1]?.toLowerCase();
  return word !== undefined && word === OF_PASSWORD.exec(password)?.[1]?.toLowerCase();
};

/** Brackets of a syntax, which a URL has around an address alone: `[http://]user:password@host[:port]`. */
const SYNTAX = /[[\]{}<>]/;

/** Index of the scheme before `://` at `at`, undefined if none of those that are wanted. */
function hasScheme(text: string, at: number, { schemes }: Wanted): boolean {
  const scheme = SCHEME.exec(text.slice(Math.max(0, at - BEFORE), at))?.[0].toLowerCase();
  if (scheme === undefined) return false;
  if (schemes === undefined) return true;
  return 'only' in schemes ? schemes.only.includes(scheme) : !schemes.not.includes(scheme);
}

/** The password of the URL whose `://` is at [at, to). */
export function userinfoAt(text: string, at: number, to: number, wanted: Wanted): NamedPassword | undefined {
  if (!wanted.shapes.has('userinfo') || !hasScheme(text, at, wanted)) return undefined;
  const match = USERINFO.exec(text.slice(to, to + USER_MAX + PASSWORD_MAX + 68));
  if (match === null) return undefined;
  const [, user, password, host] = match as unknown as [string, string, string, string];
  // A connection of CVS: `:pserver:user@host`.
  if (user === '' && password.includes(':')) return undefined;
  const swapped = NO_PASSWORD.test(password) && user !== '';
  const [start, end] = match.indices![swapped ? 1 : 2]!.map((index) => to + index) as [number, number];
  const same = user.toLowerCase() === password.toLowerCase();
  const note = EXAMPLE_HOST.test(host)
    ? 'looks like a placeholder: the host is one of documentation'
    : same
      ? 'looks like a placeholder: the same as the user'
      : SYNTAX.test(user)
        ? 'looks like a placeholder: in the syntax of a URL'
        : namesBoth(user, password)
          ? 'looks like a placeholder: user and password name themselves'
          : ANONYMOUS.test(user)
            ? 'looks like a placeholder: its user is anonymous'
            : undefined;
  const claims = ownerOf(
    text.slice(Math.max(0, at - BEFORE - VARIABLE_MAX), at),
    swapped || same ? '' : user,
    host,
  );
  return { start, end, place: 'certain', words: true, evidence: 'the password of a URL', note, claims };
}

const VARIABLE_MAX = 80;
/** The name that a URL is assigned to, before its scheme: `DATABASE_URL=`, `"url": "`, `url: jdbc:`. */
const VARIABLE =
  /([A-Za-z_][A-Za-z0-9_.-]{1,63})(?:["']? {0,2}=>? {0,2}|["'] {0,2}: {0,2}|: {1,2})["']?(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{1,24}$/;

/** `user` is empty if it is no name, or the password itself. `before`: the text before `://`. */
function ownerOf(before: string, user: string, host: string): Claims {
  const variable = VARIABLE.exec(before)?.[1];
  return { ...(user === '' ? {} : { user }), host, ...(variable === undefined ? {} : { variable }) };
}
