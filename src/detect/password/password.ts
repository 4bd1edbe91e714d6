import { Secret } from '../../core/base/crypto/secret.js';
import type { View } from '../../formats/memory/types.js';
import type { PasswordSearch, Rule } from '../../rules/types.js';
import type { CharacterSet, Need, NeedsOf, PathStep } from '../core/needs.js';
import type { Detector, Hit, HitGroup, SecretCandidate } from '../core/types.js';
import { MARGIN } from '../core/windows.js';
import { setOf } from '../text/pattern.js';
import { distinct, NOT_ADJACENT, placeOf, type TextWindow, textWindows } from '../text/window.js';
import { type Level, levelOf } from './levels.js';
import { identifiedAt, type NamedPassword, namedAt, valueIn, type Wanted } from './named.js';
import { QUOTED, SPAN } from './shapes.js';
import { PASSWORD_MAX, USER_MAX, userinfoAt } from './userinfo.js';

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
const ARGUMENTS_NAME = 32;

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

const isCall = (anchor: string): boolean => PATTERNS.has(anchor);

/** The password among the arguments of the call whose bracket ends at `to`. */
function argumentAt(text: string, anchor: string, to: number, { shapes }: Wanted): NamedPassword | undefined {
  if (!shapes.has('arguments')) return undefined;
  const call = PATTERNS.get(anchor);
  if (!call?.callee.test(text.slice(Math.max(0, to - ARGUMENTS_NAME), to))) return undefined;
  const match = call.pattern.exec(text.slice(to, to + MOST));
  const value = match && valueIn(match);
  if (!value) return undefined;
  const [start, end] = value.map((index) => to + index) as [number, number];
  return { start, end, place: 'quoted', words: true, evidence: 'an argument behind a user' };
}

/** Text before the option in which the command is looked for. */
const COMMAND_BEFORE = 256;
const COMMAND = /\bcurl\b/;
/** Longest user, password and what is around them, in characters. */
const MOST_CREDENTIALS = 208;

const USER = '[\\x20!#-&(-9;-\\[\\]-~]{0,64}';
/** A user, a colon and a password; quotes around both or around the password. */
const ARGUMENTS_CREDENTIALS = new RegExp(
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
function commandAt(text: string, at: number, to: number, { shapes }: Wanted): NamedPassword | undefined {
  if (!shapes.has('command')) return undefined;
  const from = text[to - 1] === ' ' ? to - 1 : to;
  const match = ARGUMENTS_CREDENTIALS.exec(text.slice(from, from + MOST_CREDENTIALS));
  const value = match && valueIn(match);
  if (!value || !COMMAND.test(text.slice(Math.max(0, at - COMMAND_BEFORE), to))) return undefined;
  const [start, end] = value.map((index) => from + index) as [number, number];
  return { start, end, place: 'bare', words: true, evidence: 'behind a user on a command line' };
}

/**
 * `user:password` in base64: the header `Authorization: Basic` (RFC 7617), `auth` of Docker's config.json,
 * `_auth` of .npmrc, and `AUTH PLAIN` of mail.
 */

/** True for the anchors before base64, of which `authtok` is none. */
const isBasic = (anchor: string): boolean => /auth(?!tok)|basic/i.test(anchor);

/** Characters of the base64 text. */
const BASIC_MAX = 400;
const BASE64 = `([A-Za-z0-9+/]{8,${BASIC_MAX}}={0,2})(?![A-Za-z0-9+/=])`;

/** Text after the anchor: `Basic `, `"auth`, `_auth=`. */
const BASIC_VALUE = new RegExp(`^(?:\\\\?" {0,4}: {0,4}\\\\?"|["' ]{0,2})${BASE64}`, 'd');

/** Printable, with a user and a password; in SASL PLAIN (RFC 4616) after an identity and NUL. */
const CREDENTIALS =
  /^(?:[\x20-\x39\x3b-\x7e]{0,128}:|[\x20-\x7e]{0,128}\0[\x20-\x7e]{1,128}\0)([\x20-\x7e]{3,})$/;

/** The credentials after the anchor that ends at `to`. */
function basicAt(text: string, to: number, { shapes }: Wanted): NamedPassword | undefined {
  if (!shapes.has('basic')) return undefined;
  const match = BASIC_VALUE.exec(text.slice(to, to + BASIC_MAX + 16));
  if (match === null) return undefined;
  const password = CREDENTIALS.exec(Buffer.from(match[1]!, 'base64').toString('latin1'))?.[1];
  if (password === undefined) return undefined;
  const [start, end] = match.indices![1]!.map((index) => to + index) as [number, number];
  const evidence = 'decodes to a user and a password';
  return { start, end, password, place: 'certain', words: true, evidence };
}

/** What the sweep drops hits by: nine of ten hits of `pass` are words of code, those of `://` links. */

const NAME = setOf('0-9A-Za-z_.\\-');
const LETTERS = setOf('0-9A-Za-z_.');
const DASH = setOf('\\-');
/** Quotes, brackets and blanks between a name and its separator. */
const CLOSERS = setOf('"\'`\\\\\\] \t)');
const SEPARATORS = setOf('=:>(,v');
const EQUALS = setOf('=');
const PRINTABLE = setOf('\x20-\x7e');
const VALUE = setOf('!-~');
const IN_TAG = setOf('\x20-;=?-\x7e\x80-\xff');

const step = (set: CharacterSet, least: number, most = least): PathStep => ({ set, least, most });
const path = (after: PathStep[], before: PathStep[] = []): Need => ({ type: 'path', before, after });

const name = step(NAME, 0, SPAN.nameAfter);

const userinfo = path([
  step(setOf('!#-&(-.0-9;=?A-[\\]^_a-~'), 0, USER_MAX),
  step(setOf(':'), 1),
  step(setOf('!#-&(-.0-;=?A-[\\]^_a-~'), 3, PASSWORD_MAX),
  step(setOf('@'), 1),
]);
const basic = path([step(setOf(' :=\\\\"\''), 0, 16), step(setOf('0-9A-Za-z+/'), 8)]);
const identified = path([step(setOf('A-Za-z '), 0, 9), step(setOf('"\'`\\\\'), 1)]);
/** Options with a user and a password, and calls. */
const command = path([
  step(setOf(' =\0'), 0, 4),
  step(setOf('"\'\\\\'), 0, 2),
  step(setOf('\x20-9;-~'), 0, 64),
  step(setOf(':'), 1),
  step(PRINTABLE, 3),
]);
const call = path([step(setOf(' \t\r\n'), 0, 32), step(setOf('!-~'), 1)]);
/** Text after an anchor with its separator. */
const value = path([step(PRINTABLE, 4)]);
const environment = path([name, step(EQUALS, 1), step(PRINTABLE, 4)]);
const named: readonly Need[] = [
  path([name, step(CLOSERS, 0, 12), step(SEPARATORS, 1)]),
  path([name, step(IN_TAG, 0, 40), step(setOf('>'), 1)]),
  // netrc, directives
  path([name, step(setOf(' \t\n\r'), 1, 8), step(VALUE, 3)]),
  path([name, step(setOf(' '), 1, 4), step(setOf("'"), 1)]),
  // Pairs of elements and of lines
  path([name, step(setOf(' \t'), 0, 4), step(setOf('<'), 1), step(setOf('/'), 1)]),
  path([name, step(setOf('"\'\\\\'), 1, 2), step(setOf(' \t\r\n'), 1, 8), step(VALUE, 3)]),
  // Options
  path([name, step(setOf(' \0'), 1), step(PRINTABLE, 4)], [step(LETTERS, 0, SPAN.nameBefore), step(DASH, 1)]),
];

/** Conditions by anchor. */
function passwordNeeds({ password }: Rule): NeedsOf {
  const onlyEnvironment = password?.shapes.every((shape) => shape === 'environment') ?? false;
  return (literal) => {
    if (literal === '://') return [userinfo];
    if (isBasic(literal)) return [basic];
    if (literal.startsWith('identified')) return [identified];
    if (literal.includes('-u')) return [command];
    if (literal.endsWith('(')) return [call];
    if (literal.endsWith('=')) return [value];
    return onlyEnvironment ? [environment] : [...named];
  };
}

/** Characters around an anchor that are read. */
const BEFORE = Math.max(SPAN.nameBefore + SPAN.before, COMMAND_BEFORE);
const AFTER = Math.max(SPAN.nameAfter + SPAN.after, BASIC_MAX + 16);

const prepared = new WeakMap<Rule, Wanted>();

function wantedOf(rule: Rule): Wanted {
  const known = prepared.get(rule);
  if (known !== undefined) return known;
  const { shapes, notNames, stock, schemes }: PasswordSearch = rule.password ?? {
    shapes: [],
    notNames: [],
    stock: [],
  };
  const made: Wanted = {
    shapes: new Set<string>(shapes),
    notNames: new Set(notNames),
    stock: new Set(stock),
    ...(schemes && { schemes }),
  };
  prepared.set(rule, made);
  return made;
}

interface Match extends NamedPassword {
  level: Level;
}

/** ` -u `, `--user`, and `-u` behind another argument. */
const OPTION = /^(?:l\0| )?-u/;

/** What an anchor at [at, to) begins. */
function foundAt(text: string, at: number, to: number, wanted: Wanted): NamedPassword | undefined {
  const anchor = text.slice(at, to).toLowerCase();
  if (anchor === '://') return userinfoAt(text, at, to, wanted);
  if (OPTION.test(anchor)) return commandAt(text, at, to, wanted);
  if (isCall(anchor)) return argumentAt(text, anchor, to, wanted);
  if (isBasic(anchor)) return basicAt(text, to, wanted);
  if (anchor.startsWith('identified')) return identifiedAt(text, to, wanted);
  return namedAt(text, at, to, wanted);
}

/** Each hit is examined by itself, within its reach: neighbouring hits do not matter. */
function* matches(window: TextWindow, wanted: Wanted): Iterable<Match> {
  const { text, hits } = window;
  const found = new Map<number, Match>();
  for (const { at, length } of hits) {
    const each = foundAt(text, at, at + length, wanted);
    if (each === undefined || found.has(each.start)) continue;
    if (each.narrow && window.place(each.start, each.end).wide !== undefined) continue;
    const value = each.password ?? text.slice(each.start, each.end);
    const level = levelOf(value, each.place, wanted.stock);
    if (level === undefined || (!each.words && level.note !== undefined)) continue;
    found.set(each.start, { ...each, level });
  }
  yield* [...found.values()].sort((a, b) => a.start - b.start);
}

function candidate(group: HitGroup, window: TextWindow, match: Match): SecretCandidate {
  const { rule } = group;
  const { start, end, level, evidence, claims } = match;
  const place = placeOf(group, window, start, end);
  const note = level.note ?? match.note;
  const notes = [...(note === undefined ? [] : [note]), ...(place.notAdjacentInMemory ? [NOT_ADJACENT] : [])];
  const example = level.stock || (match.note !== undefined && level.note === undefined);
  return {
    type: 'candidate',
    rule,
    ...place,
    secret: new Secret(Buffer.from(window.text.slice(start, end), 'latin1')),
    confidence: notes.length > 0 ? 'low' : 'medium',
    ...(example ? { severity: 'info' as const } : notes.length > 0 ? { severity: 'low' as const } : {}),
    evidence: [evidence],
    notes,
    partial: false,
    preview: `… (${end - start})`,
    ...(claims && { claims }),
  };
}

interface Shared {
  hits: readonly Hit[];
  order: HitGroup['order'];
  encodings: string;
  windows: readonly TextWindow[];
}

/** Results of the last group in each view. */
const shared = new WeakMap<View, Shared>();

const isSame = (a: Hit, b: Hit): boolean =>
  a.offset === b.offset && a.length === b.length && a.wide === b.wide;

/** The windows of a group: the rules of this detector share anchors, so that most groups are the same. */
function windowsOf(group: HitGroup): readonly TextWindow[] {
  const { hits, view, order, rule } = group;
  const encodings = rule.encodings.join();
  const last = shared.get(view);
  const isKnown =
    last?.order === order &&
    last.encodings === encodings &&
    last.hits.length === hits.length &&
    last.hits.every((hit, i) => isSame(hit, hits[i]!));
  if (isKnown) return last.windows;
  const windows = [...textWindows(group, BEFORE, AFTER)];
  shared.set(view, { hits, order, encodings, windows });
  return windows;
}

/**
 * The `password` detector: short passwords, which need not look random, by a name and its shape, in URLs and
 * in basic credentials. Linear time: what is read around a hit is bounded.
 */
export const password: Detector = {
  name: 'password',
  reach: { before: (BEFORE + MARGIN) * 2, after: (AFTER + MARGIN) * 2 },
  needs: passwordNeeds,
  *examine(group) {
    const wanted = wantedOf(group.rule);
    for (const { window, found } of distinct(windowsOf(group), (here) => matches(here, wanted)))
      yield candidate(group, window, found);
  },
};
