import { type Found, valueIn, type Wanted } from './named.js';
import { QUOTED } from './shapes.js';

/** Passwords among the arguments of calls that take a user and a password. */

/** Functions by the arguments before the password; as their anchors end, in lower case. */
const CALLS: Readonly<Record<string, number>> = {
  'credential(': 1,
  'credentials(': 1,
  'basicauth(': 1,
  'passwordauthentication(': 1,
  'directoryentry(': 2,
  'mysql_connect(': 2,
  'mysqli_connect(': 2,
  'dbi->connect(': 2,
  'getconnection(': 2,
  'plainauth(': 2,
};

/** Characters of all arguments up to the password's end. */
const MOST = 400;
const ARGUMENT = '(?:"[^"\\0-\\x1f\\x7f-\\xff]{0,96}"|\'[^\'\\0-\\x1f\\x7f-\\xff]{0,96}\'|[\\w.$:>-]{1,64})';
const GAP = '[ \\t\\r\\n]{0,32}';

const argumentsBefore = (count: number): RegExp =>
  new RegExp(`^${GAP}(?:${ARGUMENT}${GAP},${GAP}){${count}}[@$]?(?:${QUOTED})${GAP}[,)]`, 'd');

const PATTERNS = new Map(Object.entries(CALLS).map(([call, count]) => [call, argumentsBefore(count)]));

export const isCall = (anchor: string): boolean => PATTERNS.has(anchor);

/** The password among the arguments of the call whose bracket ends at `to`. */
export function argumentAt(text: string, anchor: string, to: number, { shapes }: Wanted): Found | undefined {
  if (!shapes.has('arguments')) return undefined;
  const match = PATTERNS.get(anchor)?.exec(text.slice(to, to + MOST));
  const value = match && valueIn(match);
  if (!value) return undefined;
  const [start, end] = value.map((index) => to + index) as [number, number];
  return { start, end, place: 'quoted', words: true, evidence: 'an argument behind a user' };
}
