import type { Anchor, Rule } from '../../rules/types.js';
import type { CharacterSet } from '../core/needs.js';
import { frontOf } from './front.js';
import { places } from './needs.js';
import { type Group, isSet, readPattern } from './pattern.js';
import { type Cell, rowsOf } from './rows.js';

/** Characters of the shortest run of the value net (values/value-run.ts): a match begins with one. */
const SHORTEST_RUN = 16;
/** Bytes of the shortest anchor that a rule may have. */
const SHORTEST_ANCHOR = 3;
const IN_RUN = /[A-Za-z0-9+/_-]/;

const isInRun = (set: CharacterSet): boolean =>
  set.every((member, code) => member === 0 || IN_RUN.test(String.fromCharCode(code)));

/** True if every text of the row begins with a run that the value net sees. */
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

/** True if the secret begins every text of the pattern. */
const beginsWithSecret = ({ alternatives }: Group): boolean =>
  alternatives.every(
    ([first]) => first !== undefined && !isSet(first.node) && first.min === 1 && first.node.secret,
  );

/** The texts that a match of the rule may begin with, if the value net may find its anchors. */
function fronts({
  detector,
  pattern,
  caseless,
  boundary,
  near,
  checks,
  anchors,
}: Rule): Cell[][] | undefined {
  if (detector !== 'text' || pattern === undefined || caseless || boundary !== 'token' || near)
    return undefined;
  // A checksum shows a token anywhere in a run. Literals of three bytes are too dear for that.
  if (checks.length > 0 && anchors.some(({ bytes }) => bytes.length > SHORTEST_ANCHOR)) return undefined;
  const group = readPattern(pattern);
  return group && beginsWithSecret(group) ? rowsOf(frontOf(group)) : undefined;
}

/**
 * The anchors of a rule that need not be searched for everywhere: they begin its secrets, which are long
 * enough for the value net. Texts that do not begin with such an anchor have another one.
 */
export function valuePrefixes(rule: Rule): Anchor[] {
  const rows = fronts(rule)?.map((row) => ({ row, found: [...places(row, rule.anchors)] }));
  if (rows === undefined) return [];
  return rule.anchors.filter((anchor) => {
    const begins = ({ found }: (typeof rows)[number]): boolean =>
      found.some(({ at, covering }) => at === 0 && covering.includes(anchor));
    const hasOthers = ({ found }: (typeof rows)[number]): boolean =>
      found.some(({ covering }) => !covering.includes(anchor));
    return (
      rows.some(begins) && rows.every((each) => (begins(each) ? beginsWithRun(each.row) : hasOthers(each)))
    );
  });
}
