import { definedFields } from '../../core/base/runtime/defined.js';
import { literalKey } from '../../rules/compile.js';
import type { Rule, RuleSet } from '../../rules/types.js';
import { compileHitFilter } from '../../sweep/hit-filter.js';
import { compileLiterals, placesOf } from '../../sweep/literals.js';
import { shared } from '../../sweep/patterns.js';
import type { Net } from '../../sweep/types.js';
import { packTables, selectTables } from '../../sweep/values/tables.js';
import { literalNeeds, valueLiterals } from '../literal-needs.js';

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
