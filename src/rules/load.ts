import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DumpsieveError } from '../errors.js';
import { type BundledRule, hydrate } from './hydrate.js';
import type { Rule } from './types.js';

async function ruleFiles(dir: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    throw new DumpsieveError(
      {
        code: 'rules-missing',
        message: `the rule folder ${dir} cannot be read`,
        hint: '--rules takes a folder of .yaml files',
      },
      3,
      error,
    );
  }
  const files = names.filter((name) => /\.ya?ml$/i.test(name)).sort();
  if (files.length === 0)
    throw new DumpsieveError({
      code: 'rules-missing',
      message: `the rule folder ${dir} holds no .yaml file`,
      hint: '--rules takes a folder of .yaml files',
    });
  return files;
}

/**
 * Validated rules of all .yaml files in `dir`, in the files' order. All mistakes of all files come in one error, each with
 * file, line, rule and field. yaml and zod are loaded here, not before.
 */
export async function readRuleFiles(dir: string): Promise<BundledRule[]> {
  const { parseRuleFile } = await import('./parse.js');
  const rules: BundledRule[] = [];
  const problems: string[] = [];
  for (const name of await ruleFiles(dir)) {
    const parsed = parseRuleFile(`${basename(dir)}/${name}`, await readFile(join(dir, name), 'utf8'));
    rules.push(...parsed.rules);
    problems.push(...parsed.problems);
  }
  if (problems.length > 0)
    throw new DumpsieveError({
      code: 'bad-rules',
      message: problems.join('\n'),
      lines: problems,
      hint: 'docs/rules.md describes the fields; dist/schema/rules.schema.json checks them in an editor',
    });
  return rules;
}

/** The rules of `--rules DIR`. */
export async function loadRuleFiles(dir: string): Promise<Rule[]> {
  return (await readRuleFiles(dir)).map(hydrate);
}
