import type { Anchor, Rule } from '../../rules/types.js';
import type { CharacterSet } from '../core/needs.js';
import { frontOf } from './front.js';
import { places } from './needs.js';
import { type Group, isSet, readPattern } from './pattern.js';
import { type Cell, rowsOf } from './rows.js';

/** Characters that a match begins with at least, so that the value net sees it: a run of it (values/runs.ts). */
const SHORTEST_RUN = 16;
const IN_RUN = /[A-Za-z0-9+/_-]/;

const isInRun = (set: CharacterSet): boolean =>
  set.every((member, code) => member === 0 || IN_RUN.test(String.fromCharCode(code)));

/** True if every text of the row begins with so many characters of a run. */
function beginsWithRun(row: readonly Cell[]): boolean {
  let least = 0;
  for (const cell of row) {
    const isOne = cell instanceof Uint8Array;
    if (!isInRun(isOne ? cell : cell.open)) return false;
    least += isOne ? 1 : cell.least;
    if (least >= SHORTEST_RUN) return true;
  }
  return false;
}

const longest = (anchors: readonly Anchor[]): number => Math.max(...anchors.map(({ bytes }) => bytes.length));

/** True if every text of the row begins with an anchor. */
const beginsWithAnchor = (row: readonly Cell[], { anchors }: Rule): boolean =>
  [...places(row.slice(0, longest(anchors)), anchors)].some(({ at }) => at === 0);

/** True if the group begins every text of the pattern. */
const beginsWithSecret = ({ alternatives }: Group): boolean =>
  alternatives.every(
    ([first]) => first !== undefined && !isSet(first.node) && first.min === 1 && first.node.secret,
  );

/**
 * True if every secret of the rule begins with one of its anchors and is long enough for the value net: its
 * anchors need not be searched for everywhere.
 */
export function beginsValues(rule: Rule): boolean {
  const { detector, pattern, caseless, boundary, near } = rule;
  if (detector !== 'text' || pattern === undefined || caseless || boundary !== 'token' || near) return false;
  const group = readPattern(pattern);
  if (group === undefined || !beginsWithSecret(group)) return false;
  const rows = rowsOf(frontOf(group));
  return rows?.every((row) => beginsWithRun(row) && beginsWithAnchor(row, rule)) ?? false;
}
