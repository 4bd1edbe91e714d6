import { readFileSync } from 'node:fs';
import { asset } from '../../core/base/runtime/assets.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { lazy } from '../../core/base/runtime/lazy.js';
import type { ScanOptions } from '../../core/options/check-options.js';
import { loadBundle } from '../../rules/builtin.js';
import { compileRules } from '../../rules/compile.js';
import { selectRules } from '../../rules/select.js';
import type { Rule, RuleSet } from '../../rules/types.js';
import { unpackNet } from '../../sweep/net-image.js';
import type { Net } from '../../sweep/types.js';
import { adaptNet, type CompiledRules, compileNet } from './compile-net.js';

/** The built-in rules' literals, compiled when the package was built. */
export const NET_IMAGE = 'dist/rules.net';

/** The rules in use, and their literals compiled to a net. */
export type Rulebook = CompiledRules;

/** Which rules are used. */
export type RuleChoice = Pick<ScanOptions, 'ruleFolders' | 'only' | 'with' | 'skip' | 'onlySigning'>;

/**
 * Selects among the built-in rules and those of `ruleFolders`. Rules that are off by default need `with`,
 * `only` or `every`.
 */
export async function openRulebook(options: RuleChoice, every = false): Promise<Rulebook> {
  const { rules } = loadBundle();
  for (const folder of options.ruleFolders ?? []) rules.push(...(await loadFolder(folder)));
  const { only, skip, onlySigning } = options;
  const selection = {
    ...definedFields({ only, skip, with: every ? 'all' : options.with }),
    onlySigning: onlySigning ?? false,
  };
  const narrowed = only !== undefined || skip !== undefined || options.with !== undefined || onlySigning;
  const plain = options.ruleFolders === undefined && !narrowed && !every;
  if (plain) return builtinBook();
  const set = compileRules(selectRules(rules, selection));
  return { rules: set, net: adaptNet(set, builtinBook()) };
}

/** The built-in rules that are on by default, for all scans of a process. */
const builtinBook = lazy((): Rulebook => {
  const { rules, literals, sha256 } = loadBundle();
  const set = { rules: selectRules(rules), sha256, literals };
  return { rules: set, net: builtinNet(set) };
});

/**
 * The rules of the masker: every one, skipped ones too, because a path can contain a token of a skipped rule.
 */
export async function openMaskingBook(options: RuleChoice, book: Rulebook): Promise<Rulebook> {
  const { only, skip, onlySigning, ...all } = options;
  const narrowed = only !== undefined || skip !== undefined || onlySigning === true;
  return narrowed ? openRulebook(all) : book;
}

/** Loaded late, for yaml and zod. */
async function loadFolder(folder: string): Promise<Rule[]> {
  return (await import('../../rules/load.js')).loadRuleFiles(folder);
}

function builtinNet(set: RuleSet): Net {
  try {
    return unpackNet(readFileSync(asset(NET_IMAGE)));
  } catch {
    // An incomplete build: only the start is slower.
    return compileNet(set);
  }
}
