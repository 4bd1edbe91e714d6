import { definedFields } from '../../core/base/runtime/defined.js';
import { literalKey } from '../../rules/compile.js';
import type { Anchor, Rule, RuleSet } from '../../rules/types.js';
import { compileHitFilter } from '../../sweep/hit-filter.js';
import { compileLiterals, placesOf } from '../../sweep/literals.js';
import { shared } from '../../sweep/patterns.js';
import type { Net } from '../../sweep/types.js';
import { packTables, selectTables } from '../../sweep/values/tables.js';
import { type CharacterSet, latin1, type Need, type NeedsOf } from '../core/needs.js';
import { detectors } from '../table.js';
import { frontOf } from '../text/front.js';
import { type Cell, places, rowsOf } from '../text/needs.js';
import { type Group, isSet, readPattern } from '../text/pattern.js';

/** Rules, and their literals compiled to a net. */
export interface CompiledRules {
  rules: RuleSet;
  net: Net;
}

/** Compiles the literals and the filter that drops most of their hits. `starts`: as in compileLiterals. */
export function compileNet(set: RuleSet, starts?: number): Net {
  const needs = literalNeeds(set);
  const filter = compileHitFilter(
    set.literals.map(({ bytes }, i) => ({ length: bytes.length, needs: needs[i] })),
  );
  const names = hasValues(set.rules) ? packTables(set.rules) : undefined;
  const options = { prefixes: valueLiterals(set), ...definedFields({ starts, names }) };
  return { ...compileLiterals(set.literals, options), filter };
}

const isValue = ({ detector }: Rule): boolean => detector === 'value';
const hasValues = (rules: readonly Rule[]): boolean => rules.some(isValue);

/**
 * The same with the work that was done for other rules, of which most are in the set: a literal of the same
 * rules keeps its place and its conditions, and names lead to those of the set.
 */
export function adaptNet(set: RuleSet, base: CompiledRules): Net {
  const known = knownLiterals(set, base);
  // Of the literals that other rules name: those alone are looked at.
  const changed = [...set.literals.keys()].filter((index) => !known[index]?.same);
  const part = { ...set, literals: changed.map((index) => set.literals[index]!) };
  const [needs, prefixes] = [literalNeeds(part), valueLiterals(part)];
  const found = new Map(changed.map((index, i) => [index, { needs: needs[i], prefix: prefixes[i]! }]));
  const filter = compileHitFilter(
    set.literals.map(({ bytes }, index) => {
      const one = found.get(index);
      return one ? { length: bytes.length, needs: one.needs } : { compiled: known[index]!.index };
    }),
    base.net.filter,
  );
  const prefixed = new Uint8Array(base.net.values?.prefixed ?? shared(new Uint8Array()));
  const places = placesOf(base.net);
  const names = adaptTables(set, base);
  const net = compileLiterals(set.literals, {
    prefixes: known.map((one, index) => found.get(index)?.prefix ?? prefixed[one!.index] === 1),
    places: known.map((one) => one && places[one.index]),
    ...definedFields({ names }),
  });
  return { ...net, filter };
}

interface Known {
  index: number;
  /** True if the rules of both are equal. */
  same: boolean;
}

function knownLiterals({ rules, literals }: RuleSet, { rules: base }: CompiledRules): (Known | undefined)[] {
  const byKey = new Map(base.literals.map((literal, index) => [literalKey(literal), index]));
  return literals.map((literal) => {
    const index = byKey.get(literalKey(literal));
    if (index === undefined) return undefined;
    const others = base.literals[index]!.rules;
    const same =
      others.length === literal.rules.length &&
      others.every((other, i) => base.rules[other] === rules[literal.rules[i]!]);
    return { index, same };
  });
}

function adaptTables({ rules }: RuleSet, { rules: base, net }: CompiledRules): Uint8Array | undefined {
  if (!hasValues(rules)) return undefined;
  const names = net.values?.names;
  const before = new Set(base.rules.filter(isValue));
  if (!names || !rules.every((rule) => !isValue(rule) || before.has(rule))) return packTables(rules);
  const indices = new Map(rules.map((rule, index) => [rule, index]));
  return selectTables(
    new Uint8Array(names),
    Int32Array.from(base.rules, (rule) => indices.get(rule) ?? -1),
  );
}

/** The conditions of each literal, one of which must hold; undefined if every hit must be examined. */
export function literalNeeds({ rules, literals }: RuleSet): (Need[] | undefined)[] {
  const byRule = new Map<number, NeedsOf | undefined>();
  const needsOf = (index: number): NeedsOf | undefined => {
    const rule = rules[index]!;
    if (!byRule.has(index)) byRule.set(index, detectors.get(rule.detector)?.needs?.(rule));
    return byRule.get(index);
  };
  return literals.map(({ bytes, rules: indices }) => {
    const needs: Need[] = [];
    for (const index of indices) {
      const of = needsOf(index);
      if (of === undefined) return undefined;
      needs.push(...of(latin1(bytes)));
    }
    return needs;
  });
}

/**
 * For each literal whether the value net finds it: it begins values of all rules that name it. Each literal
 * less makes the literal net faster, and hits are fewer (docs/performance.md).
 */
export function valueLiterals({ rules, literals }: RuleSet): boolean[] {
  const known = new Map<number, ReadonlySet<string>>();
  const prefixesOf = (index: number): ReadonlySet<string> => {
    const prefixes =
      known.get(index) ?? new Set(valuePrefixes(rules[index]!).map(({ bytes }) => latin1(bytes)));
    known.set(index, prefixes);
    return prefixes;
  };
  return literals.map(
    ({ bytes, caseless, rules: indices }) =>
      !caseless && indices.every((index) => prefixesOf(index).has(latin1(bytes))),
  );
}

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
