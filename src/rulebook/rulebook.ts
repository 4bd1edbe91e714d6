import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { definedFields } from '../base/runtime/defined.js';
import { literalNeeds } from '../detect/literal-needs.js';
import { valueLiterals } from '../detect/value-literals.js';
import type { ScanOptions } from '../options/scan-options.js';
import { loadBundle } from '../rules/builtin.js';
import { compileRules } from '../rules/compile.js';
import { selectRules } from '../rules/select.js';
import type { Rule, RuleSet } from '../rules/types.js';
import { compileHitFilter } from '../sweep/hit-filter.js';
import { compileLiterals } from '../sweep/literals.js';
import { unpackNet } from '../sweep/net-image.js';
import type { Net } from '../sweep/types.js';
import { packTables } from '../values/tables.js';

/** The built-in rules' literals, compiled when the package was built. */
export const NET_IMAGE = 'dist/rules.net';

/** The rules in use, and their literals compiled to a net. */
export interface Rulebook {
  rules: RuleSet;
  net: Net;
}

/**
 * Selects among the built-in rules and those of `ruleFolders`. Rules that are off by default need `with`,
 * `only` or `every`.
 */
export async function openRulebook(options: ScanOptions, every = false): Promise<Rulebook> {
  const { rules, literals, sha256 } = loadBundle();
  for (const folder of options.ruleFolders ?? []) rules.push(...(await loadFolder(folder)));
  const { only, skip, onlySigning } = options;
  const selection = {
    ...definedFields({ only, skip, with: every ? 'all' : options.with }),
    onlySigning: onlySigning ?? false,
  };
  const narrowed = only !== undefined || skip !== undefined || options.with !== undefined || onlySigning;
  const plain = options.ruleFolders === undefined && !narrowed;
  const selected = selectRules(rules, selection);
  if (!plain || every) {
    const set = compileRules(selected);
    return { rules: set, net: compileNet(set) };
  }
  const set = { rules: selected, sha256, literals };
  builtin ??= { rules: set, net: builtinNet(set) };
  return builtin;
}

/** The built-in rules that are on by default, for all scans of a process. */
let builtin: Rulebook | undefined;

/**
 * The rules of the masker: every one, skipped ones too, because a path can contain a token of a skipped rule.
 */
export async function openMaskingBook(options: ScanOptions, book: Rulebook): Promise<Rulebook> {
  const { only, skip, onlySigning, ...all } = options;
  const narrowed = only !== undefined || skip !== undefined || onlySigning === true;
  return narrowed ? openRulebook(all) : book;
}

/** Compiles the literals and the filter that drops most of their hits. `starts`: as in compileLiterals. */
export function compileNet(set: RuleSet, starts?: number): Net {
  const needs = literalNeeds(set);
  const sieve = compileHitFilter(
    set.literals.map(({ bytes }, i) => ({ length: bytes.length, needs: needs[i] })),
  );
  const names = set.rules.some(({ detector }) => detector === 'value') ? packTables(set.rules) : undefined;
  const options = { prefixes: valueLiterals(set), ...definedFields({ starts, names }) };
  return { ...compileLiterals(set.literals, options), filter: sieve };
}

/** Loaded late, for yaml and zod. */
async function loadFolder(folder: string): Promise<Rule[]> {
  return (await import('../rules/load.js')).loadRuleFiles(folder);
}

function builtinNet(set: RuleSet): Net {
  try {
    return unpackNet(readFileSync(asset(NET_IMAGE)));
  } catch {
    // An incomplete build: only the start is slower.
    return compileNet(set);
  }
}
