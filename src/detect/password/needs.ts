import type { Rule } from '../../rules/types.js';
import type { CharacterSet, Need, NeedsOf, PathStep } from '../core/needs.js';
import { setOf } from '../text/pattern.js';
import { isBasic } from './basic.js';
import { SPAN } from './shapes.js';
import { PASSWORD_MAX, USER_MAX } from './userinfo.js';

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
export function passwordNeeds({ password }: Rule): NeedsOf {
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
