import { readFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { literalNeeds } from '../detect/literal-needs.js';
import type { ScanOptions } from '../options/scan-options.js';
import { loadBundle } from '../rules/builtin.js';
import { compileRules } from '../rules/compile.js';
import { selectRules } from '../rules/select.js';
import type { Rule, RuleSet } from '../rules/types.js';
import { compileHitFilter } from '../sweep/hit-filter.js';
import { compileLiterals } from '../sweep/literals.js';
import { unpackNet } from '../sweep/net-image.js';
import type { Net } from '../sweep/types.js';

/** The built-in rules' literals, compiled when the package was built. */
export const NET_IMAGE = 'dist/rules.net';

/** The rules in use and the net that their literals make. */
export interface Rulebook {
  rules: RuleSet;
  net: Net;
}

/**
 * Built-in rules and those of `ruleFolders`, less what `only`, `skip` and `onlySigning` leave out; rules that must be asked for only
 * where `with` or `only` name them, or with `every`.
 */
export async function openRulebook(options: ScanOptions, every = false): Promise<Rulebook> {
  const { rules, sha256 } = loadBundle();
  for (const folder of options.ruleFolders ?? []) rules.push(...(await loadFolder(folder)));
  const { only, skip, onlySigning } = options;
  const selection = {
    ...(only ? { only } : {}),
    ...(skip ? { skip } : {}),
    ...(every ? { with: 'all' as const } : options.with ? { with: options.with } : {}),
    onlySigning: onlySigning ?? false,
  };
  const narrowed = only !== undefined || skip !== undefined || options.with !== undefined || onlySigning;
  const plain = options.ruleFolders === undefined && !narrowed;
  const set = compileRules(selectRules(rules, selection), plain && !every ? sha256 : undefined);
  return { rules: set, net: plain ? builtinNet(set) : compileNet(set) };
}

/** What masks a report: every rule, whichever are left out of the search. A name may hold a token that nobody looks for. */
export async function openMaskingBook(options: ScanOptions, book: Rulebook): Promise<Rulebook> {
  const { only, skip, onlySigning, ...all } = options;
  const narrowed = only !== undefined || skip !== undefined || onlySigning === true;
  return narrowed ? openRulebook(all) : book;
}

/** The rules' literals with what drops most of their hits before anybody looks at them. `starts`: as compileLiterals has it. */
export function compileNet(set: RuleSet, starts?: number): Net {
  const needs = literalNeeds(set);
  const sieve = compileHitFilter(
    set.literals.map(({ bytes }, i) => ({ length: bytes.length, needs: needs[i] })),
  );
  return { ...compileLiterals(set.literals, starts), sieve };
}

/** yaml and zod load only here. */
async function loadFolder(folder: string): Promise<Rule[]> {
  return (await import('../rules/load.js')).loadRuleFiles(folder);
}

function builtinNet(set: RuleSet): Net {
  try {
    return unpackNet(readFileSync(asset(NET_IMAGE)));
  } catch {
    // A checkout whose build was cut short: slower to start, nothing else.
    return compileNet(set);
  }
}
